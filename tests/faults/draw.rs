//! Random faults.

use std::fmt::Write as _;
use std::time::Duration;

use crate::front::Conduct;
use tegata_test_support::Flow;

/// A fault of the endpoint, and the outcome that a client must report.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) conduct: Conduct,
    pub(crate) effect: Effect,
    /// The `Retry-After` that it sends, if that is a number of seconds.
    pub(crate) retry_after: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// An error, at once.
    Fails,
    /// An error at the deadline.
    Hangs,
    /// A token, after so long.
    Late(Duration),
}

/// Chance (xorshift64), with a seed.
pub(crate) struct Draw {
    state: u64,
    elsewhere: String,
}

/// No code among them says that the credentials are wrong permanently.
const BODIES: [&str; 5] = [
    "",
    "<html><body>CANARY</body></html>",
    r#"{"error":"temporarily_unavailable","error_description":"CANARY"}"#,
    r#"{"error":{"code":"CANARY","message":"CANARY"}}"#,
    r#"{"error":"CANA"#,
];

/// Valid JSON, most of it, and never a token.
const NO_TOKENS: [&str; 13] = [
    r#"{"error":"temporarily_unavailable","error_description":"CANARY"}"#,
    r#"{"requestId":"CANARY","success":false,"errors":[{"code":"601","message":"CANARY"}]}"#,
    "{}",
    "[]",
    "null",
    "\"CANARY\"",
    "0",
    "",
    "<html>CANARY</html>",
    r#"{"access_token":null,"accessToken":null,"token_type":"Bearer","expires_in":3600}"#,
    r#"{"access_token":["CANARY"],"accessToken":{"CANARY":1},"token_type":"Bearer"}"#,
    r#"{"access_token":7,"accessToken":7,"token_type":"Bearer","expires_in":3600}"#,
    r#"{"access_token":"CANARY\n","accessToken":"CANARY\r\nX: Y","token_type":"Bearer"}"#,
];

const TYPES: [&str; 5] = [
    "application/json",
    "text/html",
    "application/x-www-form-urlencoded",
    "CANARY",
    "",
];

const STATUSES: [u16; 17] = [
    400, 401, 403, 404, 405, 408, 418, 425, 429, 429, 500, 501, 502, 503, 503, 504, 599,
];

const REDIRECTS: [u16; 6] = [300, 301, 302, 303, 307, 308];

const WAITS: [&str; 14] = [
    "0",
    "1",
    "2",
    "120",
    "86400",
    "18446744073709551615",
    "18446744073709551616",
    "-1",
    "1.5",
    "soon",
    "",
    "Wed, 21 Oct 2015 07:28:00 GMT",
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "Wed, 99 Foo 2015 99:99:99 GMT",
];

/// A whole answer, which would be a token if it were not cut off.
const TOKEN: &str = r#"{"access_token":"CANARY-cut","accessToken":"CANARY-cut","token_type":"Bearer","expires_in":3600,"expiresIn":3600,"refresh_token":"CANARY-cut","refreshToken":"CANARY-cut"}"#;

impl Draw {
    pub(crate) fn from(seed: u64, elsewhere: &str) -> Self {
        let mut draw = Self {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            elsewhere: elsewhere.to_owned(),
        };
        for _ in 0..8 {
            draw.below(2);
        }
        draw
    }

    /// A number below this one.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state % end as u64).unwrap_or_default()
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    pub(crate) fn fault(&mut self, flow: Flow) -> Fault {
        let fails = |conduct| Fault {
            conduct,
            effect: Effect::Fails,
            retry_after: None,
        };
        match self.below(100) {
            0..25 => self.failure(),
            25..32 => fails(Conduct::Answer(self.redirect(flow))),
            32..50 => {
                let (body, kind) = (self.one(&NO_TOKENS), self.one(&TYPES));
                fails(Conduct::Answer(answer(
                    200,
                    &[("content-type", kind)],
                    body.as_bytes(),
                )))
            }
            50..66 => {
                let whole = answer(
                    200,
                    &[("content-type", "application/json")],
                    TOKEN.as_bytes(),
                );
                let end = self.below(whole.len());
                fails(Conduct::Answer(whole[..end].to_vec()))
            }
            66..72 => fails(Conduct::Answer(self.garbage())),
            72..78 => fails(Conduct::Refused),
            78..79 => {
                let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{".to_vec();
                fails(Conduct::Endless(head))
            }
            79..82 => {
                // A long error is as good as none, but for its status.
                let body = format!(r#"{{"error":"CANARY{}"}}"#, "x".repeat(1 << 20));
                fails(Conduct::Answer(answer(503, &[], body.as_bytes())))
            }
            82..91 => {
                let whole = answer(
                    200,
                    &[("content-type", "application/json")],
                    TOKEN.as_bytes(),
                );
                let end = self.below(whole.len());
                Fault {
                    conduct: Conduct::Silence(whole[..end].to_vec()),
                    effect: Effect::Hangs,
                    retry_after: None,
                }
            }
            _ => {
                let after = Duration::from_secs(1 + self.below(29) as u64);
                Fault {
                    conduct: Conduct::Through(after),
                    effect: Effect::Late(after),
                    retry_after: None,
                }
            }
        }
    }

    fn failure(&mut self) -> Fault {
        let status = STATUSES[self.below(STATUSES.len())];
        let (body, kind) = (self.one(&BODIES), self.one(&TYPES));
        let mut headers = vec![("content-type", kind)];
        let mut retry_after = None;
        if self.below(2) == 0 {
            let wait = self.one(&WAITS);
            headers.push(("retry-after", wait));
            retry_after = wait.parse().ok();
        }
        Fault {
            conduct: Conduct::Answer(answer(status, &headers, body.as_bytes())),
            effect: Effect::Fails,
            retry_after,
        }
    }

    fn redirect(&mut self, flow: Flow) -> Vec<u8> {
        let status = REDIRECTS[self.below(REDIRECTS.len())];
        let elsewhere = format!("{}/token", self.elsewhere);
        let same = flow.token_call().1.to_owned();
        let location = [elsewhere, same, "//[CANARY".to_owned(), String::new()];
        let location = &location[self.below(location.len())];
        answer(status, &[("location", location)], b"")
    }

    fn garbage(&mut self) -> Vec<u8> {
        match self.below(5) {
            0 => b"SSH-2.0-CANARY\r\n".to_vec(),
            1 => b"HTTP/9.9 200 CANARY\r\n\r\n".to_vec(),
            2 => format!("HTTP/1.1 200 OK\r\nx-long: {}", "CANARY".repeat(1 << 16)).into_bytes(),
            3 => b"HTTP/1.1 200 OK\r\ncontent-length: CANARY\r\n\r\n{}".to_vec(),
            _ => {
                // The first byte is no letter, so it is nothing that HTTP begins with.
                let random = (0..200).map(|_| u8::try_from(self.below(256)).unwrap_or_default());
                std::iter::once(0xff).chain(random).collect()
            }
        }
    }
}

fn answer(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        // Writing to a string cannot fail.
        let _ = write!(head, "{name}: {value}\r\n");
    }
    head.push_str("connection: close\r\n\r\n");
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}
