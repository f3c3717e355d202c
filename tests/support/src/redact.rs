//! Redaction that asserts: a secret is replaced by its name only where it is the very one that belongs
//! there.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// The values that a snapshot may show by name only.
#[derive(Clone, Default)]
pub struct Names(Vec<(String, String)>);

impl Names {
    /// Shows this value as `[name]`, also where it is percent- or form-encoded.
    pub fn add(&mut self, name: &str, value: &str) {
        let mut spellings = vec![value.to_owned(), escaped(value, "%20"), escaped(value, "+")];
        spellings.dedup();
        for spelling in spellings {
            self.0.push((spelling, format!("[{name}]")));
        }
        // The longest first, so that no value is taken for a part of another.
        self.0
            .sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
    }

    /// Shows HTTP Basic of this pair by the names of its halves.
    pub fn add_basic(&mut self, name: &str, id: &str, secret: &str) {
        let pair = BASE64_STANDARD.encode(format!("{id}:{secret}"));
        self.0.push((pair, format!("[base64 of {name}]")));
    }

    /// The text with names for values. What is left must be no secret.
    #[track_caller]
    pub fn redact(&self, text: &str) -> String {
        let names = self.0.iter();
        let redacted = names.fold(text.to_owned(), |text, (value, name)| {
            text.replace(value, name)
        });
        assert!(
            !redacted.contains("CANARY"),
            "not the expected secret: {redacted}"
        );
        redacted
    }

    /// A header line. The value of a credential must be one of those expected, and nothing else.
    #[track_caller]
    pub fn redact_header(&self, line: &str) -> String {
        let (name, value) = line.split_once(": ").expect("name and value");
        let redacted = self.redact(value);
        match name {
            "authorization" | "x-api-key" | "x-access-token" | "x-jooto-api-key" => {
                let known = redacted
                    .trim_start_matches("Bearer ")
                    .trim_start_matches("Basic ");
                let whole = known.starts_with('[') && known.ends_with(']');
                assert!(whole && known != value, "{name} is not the expected one");
            }
            "user-agent" => {
                assert_eq!(value, concat!("tegata/", env!("CARGO_PKG_VERSION")));
                return format!("{name}: [tegata and its version]");
            }
            "host" => assert_eq!(redacted, "[host]", "{value}"),
            _ => {}
        }
        format!("{name}: {redacted}")
    }
}

fn escaped(text: &str, space: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        match byte {
            b' ' => escaped.push_str(space),
            b'*' | b'-' | b'.' | b'_' => escaped.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => escaped.push(char::from(byte)),
            // Writing to a string cannot fail.
            _ => drop(write!(escaped, "%{byte:02X}")),
        }
        escaped
    })
}
