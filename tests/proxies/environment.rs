//! Variables of the environment that name a proxy. A process of its own has them, since they are read once,
//! and those of this one are not to be changed.

use std::process::Stdio;

use rstest::rstest;
use tegata::reqwest;
use tegata::{HttpClient, Settings};
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::backend::Backend;
use crate::trusting;

const PROXY_VARIABLES: [&str; 8] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
];

/// This program once more, to make one call.
pub(crate) struct Child(Command);

impl Child {
    pub(crate) fn new(base: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "environment::one_call_of_a_child", "--nocapture"])
            .env("TEGATA_CHILD_BASE", base)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        for variable in PROXY_VARIABLES {
            command.env_remove(variable);
        }
        Self(command)
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.0.env(name, value);
        self
    }

    pub(crate) fn trust(self, ca: &str) -> Self {
        self.env("TEGATA_CHILD_CA", ca)
    }

    /// With a builder that is to use no proxy.
    pub(crate) fn no_proxy(self) -> Self {
        self.env("TEGATA_CHILD_NO_PROXY", "1")
    }

    /// The status that came, or the error.
    pub(crate) async fn call(mut self) -> String {
        let output = self.0.output().await.unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let said = text
            .lines()
            .find_map(|line| Some(line.split_once("CALLED ")?.1.to_owned()));
        said.unwrap_or_else(|| panic!("{text}"))
    }
}

#[tokio::test]
#[allow(clippy::print_stdout, reason = "it is how a child answers its parent")]
async fn one_call_of_a_child() {
    let variable = |name: &str| std::env::var(name).ok();
    let Some(base) = variable("TEGATA_CHILD_BASE") else {
        return;
    };
    let settings = match (variable("TEGATA_CHILD_CA"), variable("TEGATA_CHILD_OWN")) {
        (Some(ca), _) => {
            let http = trusting(&ca);
            let is_direct = variable("TEGATA_CHILD_NO_PROXY").is_some();
            Settings::new().http_client(if is_direct { http.no_proxy() } else { http })
        }
        (None, Some(_)) => Settings::new().http_client(reqwest::Client::builder()),
        (None, None) => Settings::new().http_client(HttpClient::new().unwrap()),
    };
    let client = tegata_jooto::Client::builder("hogehoge").base_url(base);
    let client = client.settings(settings).build().unwrap();
    match client.get("/organizations").send().await {
        Ok(answer) => println!("\nCALLED {}", answer.status().as_u16()),
        Err(error) => println!(
            "\nCALLED {error} {error:?} is_transient: {}",
            error.is_transient()
        ),
    }
}

#[rstest]
#[tokio::test]
async fn plain_http_goes_through_no_proxy_of_the_environment(
    #[values("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")] variable: &str,
    #[values(false, true)] has_own_builder: bool,
) {
    let backend = Backend::start(1).await;
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://user:CANARY@{}", proxy.local_addr().unwrap());
    let mut child = Child::new(&format!("http://127.0.0.1:{}", backend.port)).env(variable, &url);
    if has_own_builder {
        child = child.env("TEGATA_CHILD_OWN", "1");
    }
    tokio::select! {
        said = child.call() => assert_eq!(said, "200"),
        _ = proxy.accept() => panic!("the proxy was asked"),
    }
    assert_eq!(backend.requests(), 1);
}
