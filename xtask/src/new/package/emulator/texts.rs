//! Parts of the test that are the same in each crate. `{wait}` stands where a login is waited for.

pub(super) const BY_CODE: &str = r#"
let authorization = app.authorize()?;
let browser = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
let page = browser.build().unwrap().get(authorization.url().as_str());
let page = page.send().await.unwrap();
let back = page.headers()["location"].to_str().unwrap();
let code = authorization.callback(back)?;
let token = app.exchange(&code).await?;
"#;

pub(super) const BY_DEVICE: &str = r"
let login = app.authorize_device().await?;
emulator.decide_device(api, login.user_code(), true).unwrap();
let token = login.token().await?;
";

pub(super) const WITHOUT: &str = r"
#[tokio::test]
async fn a_call_is_answered() {
    let (emulator, api) = start();
    let client = client(&emulator, api){wait}.unwrap();
    call(&client).await.unwrap();
    assert_eq!(emulator.counts(api).resource_requests, 1);
}
";

pub(super) const KEYS: &str = r#"
#[tokio::test]
async fn a_call_carries_its_credential() {
    let (emulator, api) = start();
    let client = client(&emulator, api, SECRET){wait}.unwrap();
    call(&client).await.unwrap();
    assert_eq!(emulator.counts(api).resource_requests, 1);
}

#[tokio::test]
async fn a_wrong_credential_is_an_error_that_does_not_show_it() {
    let (emulator, api) = start();
    let client = client(&emulator, api, "CANARY-wrong"){wait}.unwrap();
    let error = call(&client).await.unwrap_err();
    assert!(error.is_credential_rejected(), "{error}");
    let shown = format!("{error} {error:?} {client:?}");
    assert!(!shown.contains("CANARY"), "{shown}");
}
"#;

pub(super) const RENEWED: &str = r"
#[tokio::test]
async fn a_token_is_issued_used_and_renewed() {
    let (emulator, api) = start();
    let client = client(&emulator, api, SECRET){wait}.unwrap();
    call(&client).await.unwrap();
    call(&client).await.unwrap();
    assert_eq!(emulator.counts(api).tokens_issued, 1);

    // It expires.
    emulator.advance(Duration::from_secs(600));
    call(&client).await.unwrap();
    assert_eq!(emulator.counts(api).tokens_issued, 2);

    // It is refused before its time.
    emulator.forget(api);
    call(&client).await.unwrap();
    assert_eq!(emulator.counts(api).tokens_issued, 3);
}
";

pub(super) const WRONG_SECRET: &str = r#"
#[tokio::test]
async fn a_wrong_secret_is_an_error_that_does_not_show_it() {
    let (emulator, api) = start();
    let client = client(&emulator, api, "CANARY-wrong"){wait}.unwrap();
    let error = call(&client).await.unwrap_err();
    assert!(error.is_at_token_endpoint(), "{error}");
    let shown = format!("{error} {error:?} {client:?}");
    assert!(!shown.contains("CANARY"), "{shown}");
    assert_eq!(emulator.counts(api).resource_requests, 0);
}
"#;
