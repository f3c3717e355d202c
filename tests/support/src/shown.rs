//! Texts that were shown, and the search for canaries in them.

use std::error::Error as _;
use std::fmt::Debug;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use tegata::Error;

/// The word that every secret of these tests holds.
pub const CANARY: &str = "CANARY";

/// The shown texts, each with its origin.
#[derive(Default)]
pub struct Shown(Vec<(String, String)>);

impl Shown {
    /// A text as it was shown.
    pub fn text(&mut self, by: impl Into<String>, text: impl Into<String>) {
        self.0.push((by.into(), text.into()));
    }

    /// Both forms of `Debug`, which hide secrets and not everything.
    #[track_caller]
    pub fn debug(&mut self, by: impl Into<String>, value: &impl Debug) {
        let (by, short) = (by.into(), format!("{value:?}"));
        assert!(!short.is_empty(), "{by} shows nothing");
        self.text(by, format!("{short}\n{value:#?}"));
    }

    /// An error and all its causes, in every form.
    pub fn error(&mut self, by: impl Into<String>, error: &Error) {
        let by = by.into();
        self.debug(by.clone(), error);
        self.text(by.clone(), error.to_string());
        let mut cause = error.source();
        while let Some(error) = cause {
            self.debug(format!("{by}, its cause"), &error);
            self.text(format!("{by}, its cause"), error.to_string());
            cause = error.source();
        }
    }

    /// What showed something, in order.
    pub fn by(&self) -> Vec<&str> {
        self.0.iter().map(|(by, _)| by.as_str()).collect()
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Nothing holds a canary, nor any of these further secrets.
    #[track_caller]
    pub fn assert_clean(&self, further: &[&str]) {
        assert!(!self.0.is_empty(), "nothing was shown");
        if let Some(leak) = self.leak(further) {
            panic!("{leak}");
        }
    }

    /// The first secret that is shown, and by what.
    pub fn leak(&self, further: &[&str]) -> Option<String> {
        self.0.iter().find_map(|(by, text)| {
            let disguise = found(text, further)?;
            Some(format!("{by} shows a secret, as {disguise}: {text}"))
        })
    }
}

/// The first encoding in which a canary is in the text.
pub fn found(text: &str, further: &[&str]) -> Option<String> {
    let text = text.to_lowercase();
    DISGUISES
        .iter()
        .cloned()
        .chain(further.iter().flat_map(|secret| disguises(secret)))
        .find(|disguise| text.contains(&disguise.to_lowercase()))
}

static DISGUISES: LazyLock<Vec<String>> = LazyLock::new(|| disguises(CANARY));

/// As it is, in base64 at every alignment, in hexadecimal, as a list of bytes.
fn disguises(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let digits: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let (hex, escaped) = (digits.concat(), format!("%{}", digits.join("%")));
    let list = format!("{bytes:?}");
    let list = list.trim_matches(['[', ']']).to_owned();
    let lines = list.replace(", ", ",\n    ");
    let mut all = vec![secret.to_owned(), hex, escaped, list, lines];
    for before in 0..3 {
        for engine in [BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD] {
            let mut padded = vec![0; before];
            padded.extend(bytes);
            let encoded = engine.encode(&padded);
            // The first characters hold what came before, the last one what comes after.
            let start = [0, 2, 3][before];
            let end = encoded.len() - usize::from(padded.len() % 3 != 0);
            all.push(encoded[start..end].to_owned());
        }
    }
    all
}
