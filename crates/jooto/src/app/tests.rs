use rstest::rstest;

use super::*;

fn app(base_url: &str) -> AppBuilder {
    App::builder("id", "CANARY", "https://c.example/back").base_url(base_url)
}

#[rstest]
#[case("https://app.jooto.com", "https://app.jooto.com")]
#[case("https://api.jooto.com/v1", "https://app.jooto.com")]
#[case("HTTPS://API.JOOTO.COM:443/v2/", "https://app.jooto.com")]
#[case("http://127.0.0.1:9/jooto", "http://127.0.0.1:9/jooto")]
#[case("https://api.jooto.com:8443/v1", "https://api.jooto.com:8443/v1")]
#[case("https://api.jooto.com.example", "https://api.jooto.com.example")]
fn the_token_endpoint_follows_the_base_url(#[case] base_url: &str, #[case] oauth: &str) {
    let app = app(base_url).build().expect("valid settings");
    assert_eq!(app.oauth().expect("valid").as_str(), oauth);
    let login = app.authorize(7).expect("random numbers");
    assert!(
        login
            .url()
            .as_str()
            .starts_with(&format!("{oauth}/oauth2/login?"))
    );
    let other = App::builder("id", "CANARY", "https://c.example/back").build();
    let base = BaseUrl::parse(base_url).expect("valid");
    let other = other.expect("valid settings");
    let (url, _) = server(other.oauth_url.as_ref(), &base).expect("valid");
    assert_eq!(url.as_str(), oauth);
}

#[tokio::test]
async fn a_token_endpoint_error_names_the_setting_that_was_made() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", closed.local_addr().expect("bound"));
    drop(closed);
    let follows = app(&url).build();
    let is_set = app("https://h").oauth_url(&url).build();
    for (app, setting) in [(follows, "`base_url`"), (is_set, "`oauth_url`")] {
        let refresh = tegata::provider::Refresh::Replace {
            token: "CANARY".into(),
            lifetime: None,
        };
        let issued = tegata::provider::Issued::new("", None, refresh);
        let token = Token::new(issued, std::time::SystemTime::UNIX_EPOCH, None);
        let client = app.expect("valid settings").client(token).build();
        let error = client.expect("valid settings").warm_up().await;
        let said = error.expect_err("a closed port").to_string();
        assert!(said.contains(setting), "{said}");
    }
}

#[test]
fn the_name_of_an_account_is_not_shown() {
    let app = app("https://h").build().expect("valid settings");
    let shown = format!("{:?}", app.for_account("CANARY-account"));
    assert!(!shown.contains("CANARY"), "{shown}");
}

#[test]
fn an_oauth_url_that_is_set_stays() {
    let app = app("https://h")
        .oauth_url("https://login.example/x")
        .build();
    let app = app.expect("valid settings");
    let base = BaseUrl::parse("https://other").expect("valid");
    let (url, _) = server(app.oauth_url.as_ref(), &base).expect("valid");
    assert_eq!(
        [app.oauth().expect("valid"), url].map(|it| it.to_string()),
        ["https://login.example/x"; 2]
    );
}
