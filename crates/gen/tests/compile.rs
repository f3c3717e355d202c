//! The code of all documents of `tests/documents`, in one crate, and what it sends.
#![deny(warnings)]
#![allow(dead_code, unused_imports)]

macro_rules! clients {
    ($($name:ident: $path:literal;)*) => {
        $(#[path = $path] mod $name;)*
    };
}

clients! {
    answers: "expected/answers/src/lib.rs";
    bodies: "expected/bodies/src/lib.rs";
    modern: "expected/modern/src/lib.rs";
    names: "expected/names/src/lib.rs";
    next: "expected/next/src/lib.rs";
    parameters: "expected/parameters/src/lib.rs";
    references: "expected/references/src/lib.rs";
    swagger: "expected/swagger/src/lib.rs";
    values: "expected/values/src/lib.rs";
}

mod wire {
    use tegata::provider::spec::Provider;
    use tegata::provider::{Auth, BaseUrl, Credential, Transport};
    use tegata::{HttpClient, Settings};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    /// A transport to a server that gives this answer once, and the request that it gets.
    async fn server(
        provider: &'static Provider,
        auth: Auth,
        answer: &str,
    ) -> (Transport, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let answer = answer.to_owned();
        let request = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let (mut got, mut part) = (Vec::new(), [0; 4096]);
            loop {
                let length = stream.read(&mut part).await.unwrap();
                got.extend_from_slice(&part[..length]);
                let text = String::from_utf8_lossy(&got).into_owned();
                if let Some((head, body)) = text.split_once("\r\n\r\n") {
                    let head = head.to_lowercase();
                    let wanted = head.split("content-length: ").nth(1).map_or("0", |it| it.lines().next().unwrap());
                    if body.len() >= wanted.parse::<usize>().unwrap() {
                        stream.write_all(answer.as_bytes()).await.unwrap();
                        return text;
                    }
                }
            }
        });
        let http = Settings::default().to_http_client().unwrap();
        let transport = Transport::new(http, BaseUrl::parse(&url).unwrap(), auth, provider);
        (transport, request)
    }

    const DONE: &str = "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";

    fn json(text: &str) -> String {
        let length = text.len();
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}")
    }

    fn parts(request: &str) -> (&str, String, &str) {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        (head.lines().next().unwrap(), head.to_lowercase(), body)
    }

    #[tokio::test]
    async fn lists_are_joined_as_their_style_says() {
        use super::parameters::api::{Operations, security, types};
        let (transport, request) = server(&security::PROVIDER, Auth::none(), DONE).await;
        let list = |it: &[&str]| it.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let (joined, repeated, spaced) = (list(&["a", "b,c"]), list(&["x", "y"]), list(&["d", "e"]));
        let api = Operations::new(transport);
        let _ = api.lists(Some(&joined), None, Some(&vec![1, 2]), Some(&repeated), Some(&spaced)).await;
        let request = request.await.unwrap();
        let line = parts(&request).0.to_owned();
        for part in ["joined=a,b%2Cc", "piped=1%7C2", "repeated=x&repeated=y", "spaced=d%20e"] {
            assert!(line.contains(part), "{line}");
        }
    }

    #[tokio::test]
    async fn parameters_of_one_name_go_to_their_places() {
        use super::parameters::api::{Operations, security};
        let (transport, request) = server(&security::PROVIDER, Auth::none(), DONE).await;
        let _ = Operations::new(transport).same("in path", "in query", Some(1), Some(2), Some(3)).await;
        let request = request.await.unwrap();
        let (line, head, _) = parts(&request);
        assert!(line.starts_with("GET /same/in%20path?"), "{line}");
        assert!(line.contains("id=in%20query") && line.contains("page%5Bsize%5D=") && line.contains("page_size="), "{line}");
        assert!(head.contains("\r\npage-size: "), "{head}");
    }
}
