//! `localhost` is this machine, whatever a resolver says.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rstest::rstest;
use tegata::provider::BaseUrl;
use tegata::reqwest::Client;
use tegata::reqwest::dns::{Name, Resolve, Resolving};

use tokio::net::{TcpListener, TcpSocket};

use super::{post, serve_one};

/// A resolver that must not be asked.
struct Forbidden;

impl Resolve for Forbidden {
    fn resolve(&self, name: Name) -> Resolving {
        panic!("a resolver was asked for {}", name.as_str())
    }
}

#[rstest]
#[tokio::test]
async fn localhost_is_asked_of_no_resolver(
    #[values("localhost", "localhost.")] name: &str,
    #[values("127.0.0.1", "::1")] address: IpAddr,
) {
    let (server, _other, port) = listen_alone(address).await;
    let server = tokio::spawn(serve_one(server));
    let elsewhere = "192.0.2.1:9".parse().expect("an address");
    let builder = Client::builder()
        .no_proxy()
        .dns_resolver(Forbidden)
        .resolve(name, elsewhere);
    let answer = post(builder, &format!("http://{name}:{port}")).await;
    assert_eq!(answer.expect("an answer").status(), 200);
    server.await.expect("served");
}

/// A server at one address of this machine. The same port of the other address, where a client may try first,
/// is bound and closed, so that another test's server cannot get it.
async fn listen_alone(address: IpAddr) -> (TcpListener, TcpSocket, u16) {
    loop {
        let server = TcpListener::bind((address, 0)).await.expect("a free port");
        let port = server.local_addr().expect("bound").port();
        let (socket, other) = if address.is_ipv4() {
            (TcpSocket::new_v6(), IpAddr::from(Ipv6Addr::LOCALHOST))
        } else {
            (TcpSocket::new_v4(), IpAddr::from(Ipv4Addr::LOCALHOST))
        };
        let socket = socket.expect("a socket");
        match socket.bind((other, port).into()) {
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            // A machine without that address has no other server there.
            Ok(()) | Err(_) => return (server, socket, port),
        }
    }
}

#[rstest]
#[case("http://a.localhost:9")]
#[case("http://a.b.localhost.:9")]
#[case("http://LOCALHOST.example:9")]
fn plain_http_to_a_name_that_dns_may_be_asked_for_is_refused(#[case] url: &str) {
    let error = BaseUrl::parse(url).expect_err(url);
    assert!(error.to_string().contains("127.0.0.1"), "{error}");
}
