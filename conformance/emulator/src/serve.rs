//! The server: one socket on loopback, every path of every provider.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value, json};
use tokio::net::{TcpListener, TcpSocket};

use super::answer::Answer;
use super::request::Seen;
use super::world::World;
use super::{Error, Provider, control, guard};

/// Room for a herd of clients that connect at once; the system may cut it down.
const BACKLOG: u32 = 4096;

/// Binds to loopback; 0 means any free port. Must be called in a tokio runtime.
pub(super) fn bind(port: u16) -> Result<(TcpListener, SocketAddr), Error> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let bound = (|| {
        let socket = TcpSocket::new_v4()?;
        // On Windows this option would let two servers share a port.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        let listener = socket.listen(BACKLOG)?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    })();
    bound.map_err(|error: io::Error| {
        Error::new(match error.kind() {
            io::ErrorKind::AddrInUse => format!(
                "port {port} on 127.0.0.1 is taken: stop what listens there, choose another \
                 --port, or leave it out for any free one"
            ),
            io::ErrorKind::PermissionDenied => format!(
                "port {port} on 127.0.0.1 may not be used by this user: choose one above 1023"
            ),
            _ => format!("cannot listen on 127.0.0.1:{port}: {error}"),
        })
    })
}

pub(super) fn router(world: Arc<World>) -> Router {
    Router::new().fallback(respond).with_state(world)
}

/// The line that is printed when the emulator is ready, and answered at its root.
#[derive(Serialize)]
struct Ready<'a> {
    ready: bool,
    base_url: &'a str,
    providers: Map<String, Value>,
}

pub(super) fn ready(world: &World) -> String {
    let base_url = world.base_url();
    let url = |provider: Provider| {
        let url = format!("{base_url}/{provider}");
        (provider.name().to_owned(), url.into())
    };
    let ready = Ready {
        ready: true,
        base_url,
        providers: world.providers().map(url).collect(),
    };
    // Text in a struct can always be written.
    serde_json::to_string(&ready).unwrap_or_default()
}

async fn respond(State(world): State<Arc<World>>, request: Request<Body>) -> Response<Body> {
    answer(&world, request).await.into_response()
}

/// The answer to any request at all.
pub(super) async fn answer(world: &World, request: Request<Body>) -> Answer {
    let whole = request.uri().path().to_owned();
    if let Some(rest) = control_of(&whole) {
        if let Err(refusal) = guard::own(&request, &world.config().emulator.names) {
            return refusal;
        }
        return match Seen::read(request, rest).await {
            Some(seen) => control::answer(world, rest.trim_start_matches('/'), &seen).await,
            None => too_large(),
        };
    }
    #[cfg(feature = "process")]
    if let Some(answer) = crate::page::answer(world, &request) {
        return answer;
    }
    let found = world.find(&whole);
    let (provider, path) = found.map_or((None, whole.as_str()), |(it, path)| (Some(it), path));
    let Some(seen) = Seen::read(request, path).await else {
        return too_large();
    };
    if provider.is_none() && whole == "/" {
        return Answer::json_text(StatusCode::OK, ready(world));
    }
    let sequence = world.log().record(provider, &seen);
    let answer = match provider {
        Some(provider) => world.serve(provider, &seen).await,
        None => None,
    };
    let answer = answer.unwrap_or_else(|| nowhere(world));
    world.log().answered(sequence, &answer);
    answer
}

/// What follows `/__control`.
fn control_of(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("/__control")?;
    match rest {
        "" => Some("/"),
        rest => rest.starts_with('/').then_some(rest),
    }
}

fn too_large() -> Answer {
    let body = json!({ "error": "the body is larger than 32 MiB or broke off" });
    Answer::json(StatusCode::PAYLOAD_TOO_LARGE, &body)
}

fn nowhere(world: &World) -> Answer {
    let providers = world.providers();
    let providers = providers.map(|provider| format!("{}/{provider}", world.base_url()));
    let body = json!({
        "error": "no provider lives at this path",
        "providers": providers.collect::<Vec<_>>(),
        "controls": control::usage(),
    });
    Answer::json(StatusCode::NOT_FOUND, &body).note("no provider lives at this path")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;
    use axum::http::Method;
    use proptest::prelude::*;

    const PATHS: [&str; 20] = [
        "/",
        "/fujitsu-aispf",
        "/fujitsu-aispf/v1/tokens",
        "/fujitsu-aispf/v2/tokens",
        "/fujitsu-aispf/da/v1/healthcheck",
        "/jooto/oauth2/login",
        "/jooto/oauth2/token",
        "/jooto/organizations",
        "/jooto/organizations/1",
        "/marketo/identity/oauth/token",
        "/marketo/rest/v1/leads/describe.json",
        "/acme/oauth/token",
        "/acme/oauth/authorize",
        "/acme/device/code",
        "/acme/__device",
        "/acme/v1/items/7",
        "/v1/either",
        "/__control/refuse-next",
        "/__control/fault",
        "/__control/log",
    ];

    const HEADERS: [&str; 8] = [
        "authorization",
        "content-type",
        "x-api-key",
        "x-access-token",
        "x-jooto-api-key",
        "accept",
        "cookie",
        "x-device-token",
    ];

    fn value() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            Just(b"Bearer x".to_vec()),
            Just(b"Basic YTpi".to_vec()),
            Just(b"application/x-www-form-urlencoded;charset=UTF-8".to_vec()),
            Just(b"application/json".to_vec()),
            prop::collection::vec(any::<u8>(), 0..24),
        ]
    }

    fn body() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            Just(Vec::new()),
            Just(b"grant_type=client_credentials&client_id=marketo-client".to_vec()),
            Just(br#"{"clientId":"aispf-client","clientSecret":1}"#.to_vec()),
            Just(
                b"grant_type=authorization_code&client_id=acme-app&code=%F0&redirect_uri=x"
                    .to_vec()
            ),
            "[a-z_]{0,12}=[ -~]{0,12}&grant_type=(refresh_token|authorization_code)"
                .prop_map(String::into_bytes),
            prop::collection::vec(any::<u8>(), 0..64),
        ]
    }

    proptest! {
        #[test]
        fn no_request_makes_the_emulator_panic(
            path in prop::sample::select(&PATHS[..]),
            tail in "[/!-~]{0,6}",
            query in prop::option::of("[!-~]{0,40}"),
            method in prop::sample::select(&["GET", "POST", "PATCH", "DELETE", "HEAD", "X"][..]),
            headers in prop::collection::vec((prop::sample::select(&HEADERS[..]), value()), 0..4),
            body in body(),
        ) {
            let mut target = format!("{path}{tail}");
            if let Some(query) = query {
                target.push('?');
                target.push_str(&query);
            }
            // A fault with a delay would wait in real time.
            prop_assume!(!target.contains("delay_ms"));
            let mut request = Request::builder()
                .method(Method::from_bytes(method.as_bytes()).unwrap())
                .uri(&target);
            for (name, value) in headers {
                request = request.header(name, value);
            }
            let Ok(request) = request.body(Body::from(body)) else {
                return Ok(());
            };
            let mut config = Config::default();
            let profile = include_str!("../tests/emulator/api/profile.json");
            let profile = crate::Profile::from_json("acme.json", profile).unwrap();
            config.apis.push(crate::ApiConfig::new(profile));
            let world = World::new(config, "http://127.0.0.1:1".to_owned()).unwrap();
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let answer = runtime.block_on(answer(&world, request));
            let status = answer.status.as_u16();
            prop_assert!((200..500).contains(&status), "{target}: {status}");
            let response = answer.into_response();
            prop_assert_eq!(response.status().as_u16(), status);
        }
    }
}
