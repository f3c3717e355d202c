//! The runner: a driver gets exactly what the case gives, at the time that the case says.
#![allow(
    clippy::unwrap_used,
    reason = "the lint sees tests only, and not the functions that they share"
)]

use std::sync::{Arc, Mutex};

use tegata_conformance::case::{Auth, Call, Feature, Placement, Suite, TokenRequest};
use tegata_conformance::script::{
    Context, Driver, ErrorKind, Failure, Outcome, Runner, Session, Success, Task, Tokens,
};

const START: u64 = 1_700_000_000;

/// Only records its tasks. Its authorization URLs have a state that has to be encoded.
#[derive(Clone, Default)]
struct Spy {
    opened: Arc<Mutex<Vec<Context>>>,
    tasks: Arc<Mutex<Vec<(Task, u64)>>>,
}

impl Driver for Spy {
    type Session = Self;

    fn features(&self) -> &[Feature] {
        &Feature::ALL
    }

    async fn open(&self, context: &Context) -> Result<Self, Failure> {
        self.opened.lock().unwrap().push(context.clone());
        Ok(self.clone())
    }
}

impl Session for Spy {
    async fn perform(&mut self, task: &Task, now: u64) -> Outcome {
        self.tasks.lock().unwrap().push((task.clone(), now));
        match task {
            Task::AuthorizeUrl => Outcome::Ok(Success {
                url: Some("http://x.invalid/oauth2/login?state=spy+state%2B1&a=b".to_owned()),
                ..Success::default()
            }),
            _ => Outcome::Error(Failure::of(ErrorKind::Other)),
        }
    }
}

/// What a driver was given in a case: the configurations, and the tasks with their times.
async fn observed(id: &str) -> (Vec<Context>, Vec<(Task, u64)>) {
    let suite = Suite::embedded().unwrap_or_else(|error| panic!("{error}"));
    let case = suite.case(id).unwrap_or_else(|| panic!("no case {id}"));
    let spy = Spy::default();
    Runner::new(&suite).record(case, &spy).await.unwrap();
    let opened = spy.opened.lock().unwrap().clone();
    let tasks = spy.tasks.lock().unwrap().clone();
    (opened, tasks)
}

fn get(path: &str) -> Task {
    Task::Call(Call {
        method: "GET".to_owned(),
        path: path.to_owned(),
        json: None,
        streaming: false,
    })
}

#[tokio::test]
async fn keys_are_given_best_first_and_only_to_clients_that_use_them() {
    let (opened, tasks) = observed("fujitsu-aispf.key.both-refused").await;
    let keys = ["CANARY-fj-api-key-primary", "CANARY-fj-api-key-secondary"];
    assert_eq!(opened[0].credentials.api_keys, keys);
    assert_eq!(opened[0].auth, Auth::ApiKey);
    assert_eq!(tasks, [(get("/da/example"), START)]);
    let (opened, _) = observed("fujitsu-aispf.v2.use").await;
    assert_eq!(opened[0].credentials.api_keys, Vec::<String>::new());
    assert_eq!(opened[0].credentials.client_id, "fj-client");
    assert_eq!(
        opened[0].credentials.client_secret,
        "CANARY-fj-client-secret"
    );
}

#[tokio::test]
async fn time_passes_as_the_case_says() {
    let (_, tasks) = observed("fujitsu-aispf.v2.lifetime-undeclared").await;
    let times: Vec<u64> = tasks.iter().map(|(_, now)| *now).collect();
    assert_eq!(times, [START, START + 2400, START + 3600]);
}

#[tokio::test]
async fn tokens_that_were_obtained_before_come_with_their_time() {
    let (opened, tasks) = observed("jooto.refresh.expired").await;
    let expected = Tokens {
        access: "CANARY-jo-access-token-one".to_owned(),
        refresh: Some("CANARY-jo-refresh-token-one".to_owned()),
        obtained_at: START,
        expires_in: Some(3600),
    };
    assert_eq!(opened[0].tokens, Some(expected));
    assert_eq!(
        opened[0].now,
        START + 3600,
        "the client is made when the first step begins"
    );
    assert_eq!(tasks, [(get("/organizations/1"), START + 3600)]);
}

#[tokio::test]
async fn the_state_that_the_client_made_comes_back_encoded() {
    let (opened, tasks) = observed("jooto.callback.exchange").await;
    assert_eq!(
        opened[0].credentials.redirect_uri.as_deref(),
        Some("https://app.example.com/callback")
    );
    let callback = "https://app.example.com/callback?code=CANARY-jo-authorization-code\
                    &state=spy%20state%2B1";
    let words: Vec<Task> = tasks.into_iter().map(|(task, _)| task).collect();
    let expected = [
        Task::AuthorizeUrl,
        Task::Callback(callback.to_owned()),
        Task::Exchange,
        get("/organizations/1"),
    ];
    assert_eq!(words, expected);
}

#[tokio::test]
async fn a_redirect_uri_with_a_query_gets_the_callback_behind_it() {
    let (_, tasks) = observed("jooto.exchange.same-redirect-uri").await;
    let Task::Callback(url) = &tasks[1].0 else {
        panic!("{:?}", tasks[1])
    };
    assert!(
        url.starts_with("https://app.example.com/cb?tenant=a%20b&x=1+2&code="),
        "{url}"
    );
}

#[tokio::test]
async fn accounts_live_side_by_side_and_each_is_made_once() {
    let (opened, tasks) = observed("marketo.use.accounts").await;
    let who: Vec<(&str, &str)> = opened
        .iter()
        .map(|context| {
            (
                context.account.as_str(),
                context.credentials.client_id.as_str(),
            )
        })
        .collect();
    assert_eq!(who, [("a", "mk-client"), ("b", "mk-client-b")]);
    assert_eq!(tasks.len(), 3);
}

#[tokio::test]
async fn a_client_is_made_anew_where_the_case_says() {
    let (opened, _) = observed("fujitsu-aispf.v1.to-v2").await;
    let methods: Vec<Auth> = opened.iter().map(|context| context.auth).collect();
    assert_eq!(methods, [Auth::Legacy, Auth::Oauth2]);
}

#[tokio::test]
async fn base_urls_have_the_documented_prefix_unless_a_case_says_so() {
    let (opened, _) = observed("marketo.token.get").await;
    let urls = &opened[0].urls;
    let origin = urls["rest"].clone();
    assert!(
        origin.starts_with("http://127.0.0.1:") && !origin.ends_with('/'),
        "{origin}"
    );
    assert_eq!(urls["identity"], format!("{origin}/identity"));
    let (opened, _) = observed("marketo.token.url-with-slash").await;
    assert!(
        opened[0].urls["identity"].ends_with("/identity/"),
        "{:?}",
        opened[0].urls
    );
    let (opened, _) = observed("fujitsu-aispf.v2.url-prefix").await;
    let urls = &opened[0].urls;
    assert_eq!(urls["auth"], format!("{}/auth", urls["services"]));
    let (opened, tasks) = observed("jooto.use.other-origin").await;
    let Task::Call(call) = &tasks[1].0 else {
        panic!("{:?}", tasks[1])
    };
    assert!(call.path.starts_with("http://127.0.0.1:"), "{}", call.path);
    assert!(
        !call.path.starts_with(&opened[0].urls["api"]),
        "{}",
        call.path
    );
}

#[tokio::test]
async fn options_are_given_where_the_case_has_them_only() {
    let (opened, _) = observed("marketo.token.get").await;
    assert_eq!(opened[0].credentials.partner_id, None);
    assert_eq!(opened[0].token_request, TokenRequest::Get);
    assert_eq!(opened[0].placement, Placement::Header);
    let (opened, _) = observed("marketo.token.partner").await;
    assert_eq!(
        opened[0].credentials.partner_id.as_deref(),
        Some("CANARY-mk-partner-id")
    );
    let (opened, _) = observed("marketo.token.post-form").await;
    assert_eq!(opened[0].token_request, TokenRequest::Form);
    let (opened, _) = observed("marketo.use.query").await;
    assert_eq!(opened[0].placement, Placement::Query);
    let (opened, _) = observed("jooto.authorize.organization-url").await;
    assert_eq!(
        opened[0].credentials.organization.as_deref(),
        Some("https://app.jooto.com/boards?organization_id=4321")
    );
}

#[tokio::test]
async fn no_debug_of_a_configuration_shows_a_secret() {
    for id in [
        "jooto.refresh.expired",
        "fujitsu-aispf.key.header",
        "marketo.token.partner",
    ] {
        let (opened, _) = observed(id).await;
        let text = format!(
            "{opened:?} {:?} {:?}",
            opened[0].credentials, opened[0].tokens
        );
        assert!(!text.contains("CANARY"), "{text}");
    }
}
