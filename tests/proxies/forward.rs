//! tinyproxy between a client and its server.

use tegata_emulator::tls::Tls;
use tegata_emulator::{Config, Emulator};

use crate::backend::Backend;
use crate::environment::Child;
use crate::process::Process;

fn tinyproxy(more: &str) -> Option<Process> {
    let configuration = format!(
        "Port {{port}}\nListen 127.0.0.1\nAllow 127.0.0.1\nLogFile \"{{folder}}/log\"\nLogLevel Info\n\
         PidFile \"{{folder}}/pid\"\n{more}\n"
    );
    Process::start(
        "tinyproxy",
        &["-d", "-c", "{folder}/conf"],
        &configuration,
        &[],
    )
}

#[tokio::test]
async fn https_goes_by_connect_through_the_proxy_of_the_environment() {
    let Some(proxy) = tinyproxy("") else { return };
    let tls = Tls::generate().unwrap();
    let emulator = Emulator::start_with(Config::default(), 0, Some(&tls)).unwrap();
    let url = format!("http://127.0.0.1:{}", proxy.port);
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        let child = Child::new(&emulator.provider_url("jooto")).trust(tls.ca());
        assert_eq!(child.env(variable, &url).call().await, "200", "{variable}");
    }
    assert_eq!(emulator.log(None).len(), 4);
    let log = proxy.log();
    assert_eq!(log.matches("CONNECT 127.0.0.1").count(), 4, "{log}");
    assert!(
        !log.contains("organizations") && !log.contains("CANARY"),
        "{log}"
    );
    // And not if the environment excepts the host, or the builder does all.
    let child = Child::new(&emulator.provider_url("jooto")).trust(tls.ca());
    let child = child.env("HTTPS_PROXY", &url).env("NO_PROXY", "127.0.0.1");
    assert_eq!(child.call().await, "200");
    let child = Child::new(&emulator.provider_url("jooto")).trust(tls.ca());
    assert_eq!(
        child.env("HTTPS_PROXY", &url).no_proxy().call().await,
        "200"
    );
    assert_eq!(proxy.log().matches("CONNECT 127.0.0.1").count(), 4);
}

#[tokio::test]
async fn tinyproxy_sees_nothing_of_plain_http() {
    let Some(proxy) = tinyproxy("") else { return };
    let backend = Backend::start(1).await;
    let url = format!("http://127.0.0.1:{}", proxy.port);
    let base = format!("http://127.0.0.1:{}", backend.port);
    let child = Child::new(&base)
        .env("http_proxy", &url)
        .env("ALL_PROXY", &url);
    assert_eq!(child.call().await, "200");
    assert_eq!(backend.requests(), 1);
    let log = proxy.log();
    assert!(
        !log.contains("CANARY") && !log.contains("organizations"),
        "{log}"
    );
}

#[tokio::test]
async fn tinyproxy_that_wants_a_password_is_named() {
    let Some(proxy) = tinyproxy("BasicAuth user CANARYpassword") else {
        return;
    };
    let tls = Tls::generate().unwrap();
    let emulator = Emulator::start_with(Config::default(), 0, Some(&tls)).unwrap();
    let with = |user: &str| {
        let url = format!("http://{user}127.0.0.1:{}", proxy.port);
        let child = Child::new(&emulator.provider_url("jooto")).trust(tls.ca());
        child.env("HTTPS_PROXY", &url)
    };
    let said = with("").call().await;
    assert!(said.contains("(status 407)"), "{said}");
    assert!(said.ends_with("is_transient: false"), "{said}");
    // tinyproxy answers 401 to a wrong one.
    let said = with("user:CANARYwrong@").call().await;
    assert!(said.contains("takes the password"), "{said}");
    assert!(!said.contains("CANARY"), "{said}");
    assert_eq!(with("user:CANARYpassword@").call().await, "200");
}
