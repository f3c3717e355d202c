//! Requests on their way to a server: where they go, how often, and the errors if they fail.

mod http1;
mod http2;
mod localhost;
mod proxies;
mod reasons;

use tegata::Response;
use tegata::provider::spec::{Placement, Provider, Refusal, Scheme};
use tegata::provider::{Auth, BaseUrl, Credential, Transport};
use tegata::reqwest::{ClientBuilder, Method};
use tegata::{Error, HttpClient};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const KEY: Scheme = Scheme {
    name: "ApiKey",
    placement: Placement::Header("x-api-key"),
};

static PROVIDER: Provider = Provider {
    name: "test",
    schemes: &[KEY],
    default_security: &[KEY],
    operations: &[],
    refusal: Refusal {
        statuses: &[401],
        body_codes: &[],
        transient_codes: &[],
        denied_codes: &[],
    },
};

fn transport(http: HttpClient, base: &str, key: &str) -> Transport {
    let key = Credential::new(KEY, &key.into()).expect("a key");
    let base = BaseUrl::parse(base).expect("a base URL");
    Transport::new(http, base, Auth::fixed(key), &PROVIDER)
}

/// POSTs a body with a key, through a client of this builder.
async fn post(builder: ClientBuilder, base: &str) -> Result<Response, Error> {
    let http = HttpClient::from_builder(builder).expect("a client");
    send(&transport(http, base, "CANARY-key")).await
}

async fn send(transport: &Transport) -> Result<Response, Error> {
    let request = transport.request(Method::POST, "/CANARY-path?q=CANARY-query");
    request.body("CANARY-body").send().await
}

async fn listen(address: &str) -> (TcpListener, u16) {
    let listener = TcpListener::bind(address).await.expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    (listener, port)
}

/// Reads one request up to its body's end.
async fn read_request(connection: &mut TcpStream) -> String {
    let mut read = Vec::new();
    loop {
        let new = connection.read_buf(&mut read).await.expect("readable");
        assert_ne!(new, 0, "the request is incomplete");
        let text = String::from_utf8_lossy(&read);
        if text.contains("CANARY-body") {
            return text.into_owned();
        }
    }
}

async fn answer_200(connection: &mut TcpStream) {
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    connection.write_all(answer).await.expect("written");
}

/// A server that answers one request with 200, and returns what it read.
async fn serve_one(listener: TcpListener) -> String {
    let (mut connection, _) = listener.accept().await.expect("a connection");
    let request = read_request(&mut connection).await;
    answer_200(&mut connection).await;
    request
}
