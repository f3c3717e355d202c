//! Requests to the token endpoint, and how their answers are used.

use super::*;

/// A token that has just expired.
fn expired(access: &str, refresh: &str) -> Token {
    let refresh = Refresh::Replace {
        token: refresh.into(),
        lifetime: None,
    };
    let at = ManualClock::default().now();
    Token::new(
        Issued::new(access, Some(secs(HOUR)), refresh),
        at - secs(HOUR),
        None,
    )
}

fn sent(tokens: &[&str]) -> Vec<Option<String>> {
    tokens
        .iter()
        .map(|token| Some((*token).to_owned()))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn an_answer_after_every_callers_deadline_is_kept_and_saved() {
    let store = MemoryStore::holding(expired("A", "R1"));
    let answers = [
        Answer::TokenAndRefresh("B", HOUR, "R2"),
        Answer::TokenAndRefresh("C", HOUR, "R3"),
    ];
    let f = fixture_with(answers, |builder| builder.store(Arc::new(store.clone())));
    f.close_gate();
    let before = Instant::now();
    let deadline = Timing::default().deadline;
    for calls in 1..=3 {
        let error = f.token().await.unwrap_err();
        assert!(
            error.is_timeout() && error.is_at_token_endpoint(),
            "{error:?}"
        );
        // The source names no setting.
        let said = error.to_string();
        assert!(said.starts_with("at the token endpoint: "), "{said}");
        assert_eq!(before.elapsed(), deadline * calls);
    }
    assert_eq!(f.sent(), sent(&["R1"]), "it is not sent again meanwhile");
    f.open_gate();
    assert_eq!(f.token().await.unwrap(), "B");
    assert_eq!(store.token(), f.cache.token());
    f.pass(secs(HOUR)).await;
    assert_eq!(f.token().await.unwrap(), "C");
    assert_eq!(f.sent(), sent(&["R1", "R2"]));
}

#[tokio::test(start_paused = true)]
async fn the_lease_is_kept_as_long_as_an_answer_is_awaited() {
    let store = MemoryStore::holding(expired("A", "R1"));
    let set = |builder: TokenCacheBuilder| builder.store(Arc::new(store.clone()));
    let ours = fixture_with([Answer::TokenAndRefresh("B", HOUR, "R2")], set);
    let theirs = fixture_with([], set);
    ours.close_gate();
    ours.token().await.unwrap_err();
    let error = theirs.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store, "{error:?}");
    ours.open_gate();
    assert_eq!(ours.token().await.unwrap(), "B");
    tokio::time::advance(secs(1)).await;
    assert_eq!(theirs.token().await.unwrap(), "B", "adopted");
}

#[tokio::test(start_paused = true)]
async fn an_exchange_that_never_ends_is_given_up_after_ten_minutes() {
    let answers = [Answer::Hang, Answer::Token("B", HOUR)];
    let f = fixture_with(answers, |builder| builder.token(expired("A", "R1")));
    let before = Instant::now();
    let mut failures = 0;
    while f.token().await.is_err() {
        failures += 1;
        tokio::time::advance(secs(1)).await;
    }
    let minutes = before.elapsed().as_secs() / 60;
    assert!((10..12).contains(&minutes), "{:?}", before.elapsed());
    assert!(
        failures >= 18,
        "callers have their own deadline: {failures}"
    );
    assert_eq!(f.sent(), sent(&["R1", "R1"]));
}

#[tokio::test(start_paused = true)]
async fn a_refresh_token_beside_an_unusable_access_token_is_saved() {
    let store = MemoryStore::holding(expired("A", "R1"));
    let answers = [
        Answer::Unusable("R2"),
        Answer::TokenAndRefresh("C", HOUR, "R3"),
    ];
    let f = fixture_with(answers, |builder| builder.store(Arc::new(store.clone())));
    let error = f.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{error:?}");
    let why = "at the token endpoint: the token is not of type bearer";
    assert_eq!(error.to_string(), why);
    let saved = store.token().expect("a token");
    assert_eq!(saved.refresh_token().map(crate::Secret::expose), Some("R2"));
    tokio::time::advance(secs(1)).await;
    assert_eq!(f.token().await.unwrap(), "C");
    assert_eq!(f.sent(), sent(&["R1", "R2"]));
}

#[tokio::test(start_paused = true)]
async fn an_unusable_access_token_does_not_replace_a_good_one() {
    let answers = [
        Answer::TokenAndRefresh("A", HOUR, "R1"),
        Answer::Unusable("R2"),
    ];
    let f = fixture(answers);
    f.token().await.unwrap();
    f.pass(secs(3400)).await;
    for _ in 0..3 {
        assert_eq!(f.token().await.unwrap(), "A");
        tokio::task::yield_now().await;
    }
    assert_eq!(f.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn after_an_unreadable_answer_a_refresh_token_is_sent_once_more() {
    let unreadable = || Answer::Fail(ErrorKind::InvalidResponse);
    let answers = [unreadable(), unreadable()];
    let f = fixture_with(answers, |builder| builder.token(expired("A", "R1")));
    for _ in 0..50 {
        let error = f.token().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{error:?}");
        tokio::time::advance(secs(10)).await;
    }
    assert_eq!(f.sent(), sent(&["R1", "R1"]));
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_read_after_the_process_was_stopped_for_hours() {
    let answers = [Answer::TokenAndRefresh("B", HOUR, "R2")];
    let f = fixture_with(answers, |builder| builder.token(expired("A", "R1")));
    f.close_gate();
    f.token().await.unwrap_err();
    // All timers fire at once, before the data in a socket has been read.
    tokio::time::advance(secs(10 * HOUR)).await;
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    f.open_gate();
    assert_eq!(f.token().await.unwrap(), "B");
    assert_eq!(f.sent(), sent(&["R1"]));
}

#[tokio::test(start_paused = true)]
async fn a_good_answer_after_an_unreadable_one_begins_anew() {
    let unreadable = || Answer::Fail(ErrorKind::InvalidResponse);
    let answers = [
        unreadable(),
        Answer::Token("B", HOUR),
        unreadable(),
        Answer::Token("C", HOUR),
    ];
    let f = fixture_with(answers, |builder| builder.token(expired("A", "R1")));
    for expected in ["B", "C"] {
        f.token().await.unwrap_err();
        tokio::time::advance(secs(1)).await;
        assert_eq!(f.token().await.unwrap(), expected);
        f.pass(secs(HOUR)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_supplied_token_is_used_once_the_stored_one_is_denied() {
    // The clock of another machine was ahead.
    let refresh = Refresh::Replace {
        token: "R-old".into(),
        lifetime: None,
    };
    let now = ManualClock::default().now();
    let dead = Token::new(
        Issued::new("old", Some(secs(1)), refresh),
        now + secs(60),
        None,
    );
    let store = MemoryStore::holding(dead);
    let refresh = Refresh::Replace {
        token: "R-new".into(),
        lifetime: None,
    };
    let login = Token::new(Issued::new("new", Some(secs(HOUR)), refresh), now, None);
    let f = fixture_with([Answer::Deny("invalid_grant")], |builder| {
        builder.token(login.clone()).store(Arc::new(store.clone()))
    });
    f.clock.advance(secs(120));
    assert_eq!(f.token().await.unwrap(), "new");
    assert_eq!(f.sent(), sent(&["R-old"]));
    assert_eq!(store.token(), Some(login));
}

#[tokio::test(start_paused = true)]
async fn a_handed_over_token_that_was_exchanged_is_not_sent_again() {
    let answers = [
        Answer::TokenAndRefresh("B", HOUR, "R2"),
        Answer::Deny("invalid_grant"),
    ];
    let store = MemoryStore::default();
    let f = fixture_with(answers, |builder| {
        let builder = builder.token(expired("A", "R1"));
        builder.store(Arc::new(store.clone()))
    });
    f.token().await.unwrap();
    f.pass(secs(HOUR)).await;
    let error = f.token().await.unwrap_err();
    assert_eq!(error.code(), Some("invalid_grant"), "{error:?}");
    assert_eq!(f.sent(), sent(&["R1", "R2"]));
}

#[tokio::test(start_paused = true)]
async fn a_stored_token_of_another_account_is_an_error_that_says_so() {
    let store = MemoryStore::default();
    let set = |provider: &'static str, account: &str| {
        let (store, account) = (store.clone(), account.to_owned());
        move |builder: TokenCacheBuilder| builder.store(Arc::new(store)).account(provider, &account)
    };
    let ours = fixture_with([Answer::Token("A", HOUR)], set("jooto", "CANARY-id"));
    assert_eq!(ours.token().await.unwrap(), "A");
    for (provider, account) in [("jooto", "CANARY-other"), ("marketo", "CANARY-id")] {
        let theirs = fixture_with([], set(provider, account));
        let error = theirs.token().await.unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("of jooto, and this client is"), "{shown}");
        assert!(
            shown.contains(provider) && !shown.contains("CANARY"),
            "{shown}"
        );
        assert!(!error.is_transient(), "{error:?}");
    }
    let again = fixture_with([], set("jooto", "CANARY-id"));
    assert_eq!(again.token().await.unwrap(), "A");
}

#[tokio::test(start_paused = true)]
async fn a_record_without_an_owner_is_taken_once_and_marked() {
    let now = ManualClock::default().now();
    let token = Token::new(
        Issued::new("A", Some(secs(HOUR)), Refresh::Forget),
        now,
        None,
    );
    let store = MemoryStore::holding(token);
    let set = |account: &'static str| {
        let store = store.clone();
        move |builder: TokenCacheBuilder| builder.store(Arc::new(store)).account("jooto", account)
    };
    let first = fixture_with([], set("first"));
    assert_eq!(first.token().await.unwrap(), "A");
    let second = fixture_with([], set("second"));
    let error = second.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store, "{error:?}");
    let restarted = fixture_with([], set("first"));
    assert_eq!(restarted.token().await.unwrap(), "A");
}

#[tokio::test(start_paused = true)]
async fn a_refresh_token_to_start_with_is_used_at_the_first_call() {
    let refresh = Refresh::Replace {
        token: "R1".into(),
        lifetime: None,
    };
    let issued = Issued::unusable("of another type", refresh);
    let token = Token::new(issued, ManualClock::default().now(), None);
    let f = fixture_with([Answer::Token("B", HOUR)], |builder| builder.token(token));
    assert_eq!(f.token().await.unwrap(), "B");
    assert_eq!(f.sent(), sent(&["R1"]));
}

#[tokio::test(start_paused = true)]
async fn a_record_without_an_owner_is_used_even_without_the_lease() {
    let now = ManualClock::default().now();
    let token = Token::new(
        Issued::new("A", Some(secs(HOUR)), Refresh::Forget),
        now,
        None,
    );
    let store = MemoryStore::holding(token);
    let f = fixture_with([], |builder| {
        builder
            .store(Arc::new(store.clone()))
            .account("jooto", "id")
    });
    let _lease = store.lease(LeaseTerms::for_a_save()).await.unwrap();
    let before = Instant::now();
    assert_eq!(f.token().await.unwrap(), "A");
    assert!(before.elapsed() <= secs(1), "{:?}", before.elapsed());
    f.cache.shutdown().await.expect("nothing is unsaved");
}
