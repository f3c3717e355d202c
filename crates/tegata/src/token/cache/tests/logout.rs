//! Sessions that have ended: by a logout, or because the token endpoint said so.

use super::*;

const GRANT: Answer = Answer::TokenAndRefresh("A", HOUR, "R1");

fn stored(store: &MemoryStore, answers: impl IntoIterator<Item = Answer>) -> Fixture {
    fixture_with(answers, |builder| builder.store(Arc::new(store.clone())))
}

fn is_logged_out(error: &Error) -> bool {
    error.kind() == ErrorKind::TokenDenied && error.to_string().contains("logged out")
}

#[tokio::test(start_paused = true)]
async fn after_a_logout_the_token_is_gone_from_memory_and_store() {
    let store = MemoryStore::default();
    let f = stored(&store, [GRANT]);
    f.token().await.unwrap();
    f.cache.forget().await.unwrap();
    assert_eq!((f.cache.token(), store.token()), (None, None));
    assert!(is_logged_out(&f.token().await.unwrap_err()));
    assert_eq!(f.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_lives_does_not_write_a_deleted_token_back() {
    let store = MemoryStore::default();
    let (ours, theirs) = (stored(&store, [GRANT]), stored(&store, []));
    ours.token().await.unwrap();
    theirs.token().await.unwrap();
    store.delete().await.unwrap();
    for f in [&ours, &theirs] {
        assert_eq!(f.token().await.unwrap(), "A", "its access token lives on");
        f.pass(secs(HOUR)).await;
        assert!(is_logged_out(&f.token().await.unwrap_err()));
        assert_eq!((f.cache.token(), store.token()), (None, None));
    }
    assert_eq!((ours.asked(), theirs.asked()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_login_after_a_logout_is_picked_up_by_clients_that_live() {
    let store = MemoryStore::default();
    let ours = stored(&store, [GRANT]);
    ours.token().await.unwrap();
    store.delete().await.unwrap();
    ours.pass(secs(HOUR)).await;
    ours.token().await.unwrap_err();
    // A logout by a clock that is slow.
    let early = ManualClock::default().now() - secs(86_400);
    let login = Token::new(
        Issued::new("B", Some(secs(10 * 86_400)), Refresh::Keep),
        early,
        None,
    );
    let theirs = stored(&store, []);
    let exchange = std::future::ready(Ok(login));
    theirs.cache.log_in(exchange).await.unwrap();
    assert_eq!(store.token().as_ref().map(Token::issued_at), Some(early));
    assert_eq!(theirs.token().await.unwrap(), "B");
    ours.pass(secs(1)).await;
    assert_eq!(ours.token().await.unwrap(), "B");
}

#[tokio::test(start_paused = true)]
async fn a_renewal_under_way_does_not_undo_a_logout() {
    let store = MemoryStore::default();
    let f = Arc::new(stored(
        &store,
        [GRANT, Answer::TokenAndRefresh("B", HOUR, "R2")],
    ));
    f.token().await.unwrap();
    f.pass(secs(HOUR)).await;
    f.close_gate();
    let waiting = tokio::spawn({
        let f = Arc::clone(&f);
        async move { f.token().await }
    });
    while f.asked() < 2 {
        tokio::task::yield_now().await;
    }
    // The lease is with the renewal, so this waits for it, and the store can only be changed afterwards.
    let error = f.cache.forget().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store, "{error:?}");
    f.open_gate();
    waiting.await.unwrap().unwrap_err();
    f.cache.forget().await.unwrap();
    assert_eq!((f.cache.token(), store.token()), (None, None));
    assert!(is_logged_out(&f.token().await.unwrap_err()));
}

#[tokio::test(start_paused = true)]
async fn the_result_of_a_renewal_after_a_logout_is_discarded() {
    let f = Arc::new(fixture([GRANT]));
    f.close_gate();
    let waiting = tokio::spawn({
        let f = Arc::clone(&f);
        async move { f.token().await }
    });
    while f.asked() == 0 {
        tokio::task::yield_now().await;
    }
    f.cache.forget().await.unwrap();
    f.open_gate();
    assert!(is_logged_out(&waiting.await.unwrap().unwrap_err()));
    assert_eq!(f.cache.token(), None);
}

#[tokio::test(start_paused = true)]
async fn without_a_store_a_logout_forgets_the_token_in_memory() {
    let f = fixture([GRANT]);
    f.token().await.unwrap();
    f.cache.forget().await.unwrap();
    assert_eq!(f.cache.token(), None);
    assert!(is_logged_out(&f.token().await.unwrap_err()));
}

#[tokio::test(start_paused = true)]
async fn the_refresh_token_of_an_ended_session_is_sent_by_one_process() {
    let store = MemoryStore::default();
    let first = stored(&store, [GRANT, Answer::Deny("invalid_grant")]);
    let others: Vec<_> = (0..10).map(|_| stored(&store, [])).collect();
    first.token().await.unwrap();
    for other in &others {
        other.token().await.unwrap();
    }
    for f in others.iter().chain([&first]) {
        f.pass(secs(HOUR) / 11).await;
        f.clock.set(ManualClock::default().now() + secs(HOUR));
    }
    let error = first.token().await.unwrap_err();
    assert_eq!(error.code(), Some("invalid_grant"));
    for other in others.iter().chain([&stored(&store, [])]) {
        other.clock.set(ManualClock::default().now() + secs(HOUR));
        let error = other.token().await.unwrap_err();
        assert_eq!(error.code(), Some("invalid_grant"), "{error}");
        assert!(error.to_string().contains("log in again"), "{error}");
        assert_eq!(other.asked(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn an_ended_session_is_retried_after_an_invalidation() {
    let store = MemoryStore::default();
    let f = stored(&store, [GRANT, Answer::Deny("invalid_grant")]);
    f.token().await.unwrap();
    f.pass(secs(HOUR)).await;
    f.token().await.unwrap_err();
    let again = stored(&store, [Answer::Token("B", HOUR)]);
    again.clock.advance(secs(HOUR));
    again.token().await.unwrap_err();
    again.cache.invalidate();
    assert_eq!(again.token().await.unwrap(), "B");
}

#[tokio::test(start_paused = true)]
async fn an_old_logout_from_a_backup_costs_no_refresh_token() {
    let store = MemoryStore::default();
    let answers = [
        GRANT,
        Answer::TokenAndRefresh("B", HOUR, "R2"),
        Answer::Deny("invalid_client"),
        Answer::Token("C", HOUR),
    ];
    let f = stored(&store, answers);
    f.token().await.unwrap();
    f.pass(secs(HOUR)).await;
    f.token().await.unwrap();
    let backup = Record::deleted(f.clock.now()).with_version(1);
    store.save(&backup).await.unwrap();
    f.pass(secs(HOUR)).await;
    f.token().await.unwrap_err();
    f.cache.invalidate();
    assert_eq!(f.token().await.unwrap(), "C");
    let sent: Vec<_> = f.sent().into_iter().flatten().collect();
    assert_eq!(sent, ["R1", "R2", "R2"]);
}

#[tokio::test(start_paused = true)]
async fn the_mark_of_an_ended_session_makes_an_older_record_no_newer() {
    let store = MemoryStore::default();
    let answers = [
        Answer::TokenAndRefresh("A", 2 * HOUR, "R1"),
        Answer::TokenAndRefresh("B", HOUR, "R2"),
        Answer::Deny("invalid_grant"),
        Answer::Deny("invalid_grant"),
        Answer::Token("C", HOUR),
    ];
    let f = stored(&store, answers);
    let first = f.cache.credential().await.unwrap();
    let backup = store.load().await.unwrap().expect("a record");
    let second = f.cache.replace(&first).await.unwrap();
    store.save(&backup).await.unwrap();
    f.cache.replace(&second).await.unwrap_err();
    assert!(store.load().await.unwrap().expect("a record").is_ended());
    // The server was wrong, and an operator has fixed it.
    f.cache.invalidate();
    assert_eq!(f.token().await.unwrap(), "C");
    assert_eq!(f.sent().pop().flatten().as_deref(), Some("R2"));
}

#[tokio::test(start_paused = true)]
async fn wrong_client_credentials_do_not_mark_a_session_as_ended() {
    let store = MemoryStore::default();
    let f = stored(&store, [GRANT, Answer::Deny("invalid_client")]);
    f.token().await.unwrap();
    f.pass(secs(HOUR)).await;
    f.token().await.unwrap_err();
    let healthy = stored(&store, [Answer::Token("B", HOUR)]);
    healthy.clock.advance(secs(HOUR));
    assert_eq!(healthy.token().await.unwrap(), "B");
}

fn login(access: &'static str) -> impl Future<Output = Result<Token, Error>> + Send + 'static {
    let now = ManualClock::default().now();
    let issued = Issued::new(access, Some(secs(10 * 86_400)), Refresh::Keep);
    std::future::ready(Ok(Token::new(issued, now, None)))
}

#[tokio::test(start_paused = true)]
async fn a_login_is_saved_at_once_and_not_at_the_first_call() {
    let store = MemoryStore::default();
    let f = stored(&store, []);
    f.cache.log_in(login("A")).await.unwrap();
    let saved = store.token().expect("a token");
    assert_eq!(saved.access_token().expose(), "A");
    assert_eq!(f.token().await.unwrap(), "A");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_has_logged_out_can_log_in_again() {
    let store = MemoryStore::default();
    let f = stored(&store, [GRANT]);
    f.token().await.unwrap();
    f.cache.forget().await.unwrap();
    f.cache.log_in(login("B")).await.unwrap();
    assert_eq!(f.token().await.unwrap(), "B");
    assert_eq!(store.token(), f.cache.token());
}

#[tokio::test(start_paused = true)]
async fn a_login_takes_the_place_of_a_token_that_is_still_good() {
    let store = MemoryStore::default();
    let f = stored(&store, [GRANT]);
    f.token().await.unwrap();
    f.cache.log_in(login("B")).await.unwrap();
    assert_eq!(f.token().await.unwrap(), "B");
    assert_eq!(store.token(), f.cache.token());
}

/// The answer belongs to the session before.
#[tokio::test(start_paused = true)]
async fn a_renewal_under_way_does_not_take_the_place_of_a_login() {
    let f = fixture([GRANT]);
    f.close_gate();
    let caller = f.cache.clone();
    let caller = tokio::spawn(async move { caller.warm_up().await });
    while f.asked() == 0 {
        tokio::task::yield_now().await;
    }
    let cache = f.cache.clone();
    let login = tokio::spawn(async move { cache.log_in(login("B")).await });
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    f.open_gate();
    login.await.unwrap().unwrap();
    assert_eq!(f.token().await.unwrap(), "B");
    caller.await.unwrap().unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn no_code_is_spent_if_the_store_cannot_be_used() {
    let store = MemoryStore::default();
    let set = |account| {
        let store = store.clone();
        move |builder: TokenCacheBuilder| builder.store(Arc::new(store)).account("jooto", account)
    };
    fixture_with([GRANT], set("first")).token().await.unwrap();
    let second = fixture_with([], set("second"));
    let exchange = async { panic!("the code is spent") };
    let error = second.cache.log_in(exchange).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store, "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn no_code_is_spent_after_a_shutdown() {
    let f = stored(&MemoryStore::default(), []);
    f.cache.shutdown().await.expect("nothing is unsaved");
    let exchange = async { panic!("the code is spent") };
    let error = f.cache.log_in(exchange).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed, "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_login_whose_caller_is_dropped_is_still_saved() {
    let store = MemoryStore::default();
    let f = stored(&store, []);
    let (gate, open) = tokio::sync::oneshot::channel::<()>();
    let exchange = async {
        open.await.unwrap();
        login("A").await
    };
    {
        let mut caller = std::pin::pin!(f.cache.log_in(exchange));
        let polled = std::future::poll_fn(|context| {
            std::task::Poll::Ready(caller.as_mut().poll(context).is_ready())
        });
        assert!(!polled.await);
    }
    gate.send(()).unwrap();
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    assert!(store.token().is_some());
}
