//! nginx and haproxy in front of a server.

use tegata::HttpClient;
use tegata::reqwest::Version;

use crate::backend::Backend;
use crate::certificates::Authority;
use crate::process::Process;
use crate::{client, failed, trusting};

fn nginx(authority: &Authority, listen: &str, backend: &Backend) -> Option<Process> {
    let configuration = format!(
        "daemon off; master_process off; pid {{folder}}/pid; events {{}}
        http {{
            access_log {{folder}}/access.log;
            client_body_temp_path {{folder}}/body; proxy_temp_path {{folder}}/proxy;
            fastcgi_temp_path {{folder}}/fastcgi; uwsgi_temp_path {{folder}}/uwsgi; scgi_temp_path {{folder}}/scgi;
            server {{
                listen 127.0.0.1:{{port}} {listen};
                ssl_certificate {{folder}}/certificate; ssl_certificate_key {{folder}}/key;
                location / {{ proxy_pass http://127.0.0.1:{}; }}
            }}
        }}",
        backend.port
    );
    let issued = authority.issue("localhost");
    let files = [("certificate", &*issued.certificate), ("key", &*issued.key)];
    let arguments = [
        "-p",
        "{folder}",
        "-c",
        "{folder}/conf",
        "-e",
        "{folder}/error.log",
    ];
    Process::start("nginx", &arguments, &configuration, &files)
}

fn haproxy(authority: &Authority, backend: &Backend) -> Option<Process> {
    let configuration = format!(
        "defaults
  mode http
  timeout connect 10s
  timeout client 60s
  timeout server 60s
frontend front
  bind 127.0.0.1:{{port}} ssl crt {{folder}}/both alpn h2
  default_backend back
backend back
  server one 127.0.0.1:{}
",
        backend.port
    );
    let issued = authority.issue("localhost");
    let both = issued.certificate + &issued.key;
    let files = [("both", &*both)];
    Process::start(
        "haproxy",
        &["-db", "-f", "{folder}/conf"],
        &configuration,
        &files,
    )
}

/// A connection of haproxy's to its server that was used before, and is closed after a request instead of
/// answering it: haproxy says that this request was not processed.
#[tokio::test]
async fn haproxy_may_say_refused_of_a_request_that_is_sent_once() {
    let authority = Authority::new();
    let backend = Backend::start(1).await;
    let Some(haproxy) = haproxy(&authority, &backend) else {
        return;
    };
    let base = format!("https://localhost:{}", haproxy.port);
    let client = client(trusting(&authority.pem).no_proxy(), &base, "key");
    let request = client.post("/a");
    let answer = request.send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), answer.version()),
        (200, Version::HTTP_2)
    );
    answer.bytes().await.unwrap();
    let request = client.post("/a");
    let error = request.send().await.expect_err("no answer");
    assert!(format!("{error:?}").contains("REFUSED_STREAM"), "{error:?}");
    assert_eq!(backend.requests(), 2, "{error:?}");
}

#[tokio::test]
async fn nginx_answers_502_for_a_request_that_is_sent_once() {
    let authority = Authority::new();
    let backend = Backend::start(0).await;
    let Some(nginx) = nginx(&authority, "ssl http2", &backend) else {
        return;
    };
    let base = format!("https://localhost:{}", nginx.port);
    let client = client(trusting(&authority.pem).no_proxy(), &base, "key");
    let answer = client.post("/a").send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), answer.version()),
        (502, Version::HTTP_2)
    );
    assert_eq!(backend.requests(), 1);
}

#[tokio::test]
async fn a_key_too_large_for_nginx_over_http_2_is_named() {
    let authority = Authority::new();
    let backend = Backend::start(0).await;
    let Some(nginx) = nginx(&authority, "ssl http2", &backend) else {
        return;
    };
    let base = format!("https://localhost:{}", nginx.port);
    let http = trusting(&authority.pem).no_proxy();
    let error = failed(&client(http, &base, &"k".repeat(40_000))).await;
    assert!(
        error.to_string().contains("the request has 40"),
        "{error:?}"
    );
    assert_eq!(backend.requests(), 0);
}

#[tokio::test]
async fn a_key_too_large_for_nginx_over_http_1_is_named() {
    let authority = Authority::new();
    let backend = Backend::start(0).await;
    let Some(nginx) = nginx(&authority, "", &backend) else {
        return;
    };
    let base = format!("http://localhost:{}", nginx.port);
    let http = HttpClient::builder().no_proxy();
    let error = failed(&client(http, &base, &"k".repeat(9_000))).await;
    assert!(error.to_string().contains("the request has 9"), "{error:?}");
    assert_eq!(error.status().map(u16::from), Some(400));
    assert_eq!(backend.requests(), 0);
}

#[tokio::test]
async fn a_key_too_large_for_haproxy_is_named() {
    let authority = Authority::new();
    let backend = Backend::start(0).await;
    let Some(haproxy) = haproxy(&authority, &backend) else {
        return;
    };
    let base = format!("https://localhost:{}", haproxy.port);
    let http = trusting(&authority.pem).no_proxy();
    let error = failed(&client(http, &base, &"k".repeat(20_000))).await;
    assert!(
        error.to_string().contains("the request has 20"),
        "{error:?}"
    );
    assert_eq!(backend.requests(), 0);
}
