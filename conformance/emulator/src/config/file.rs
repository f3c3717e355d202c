//! The configuration as a TOML file.

use std::path::Path;

use super::Config;
use crate::Error;
use crate::rules::Rules;
use crate::suggest::with_suggestion;

/// A rule with every key; what is answered from a file is another answer than what stands here.
#[cfg(feature = "process")]
const EXAMPLE: &str = r#"
# A rule: what calls answer, before the example data. There may be several, for each provider, and
# the README of tegata-emulator says what each key means. Only `path` must be there.
# [[marketo.answers]]
# name = "a lead"
# method = "GET"
# path = "/rest/v1/lead/*.json"
# query = { fields = "*email*" }
# status = 503
# headers = { Retry-After = "1" }
# body = ""
# delay_ms = 100
# slow_ms = 100
# cut_after_bytes = 10
# times = 2
# then = [{ body_file = "lead.json" }]
"#;

impl Config {
    /// Reads and checks a file.
    ///
    /// # Errors
    ///
    /// Names the file, the key and the fix when the file cannot be read, is no TOML, holds an
    /// unknown key or a value that cannot be used, or names a file that cannot be read.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            Error::new(format!(
                "{name}: cannot be read: {error}; name a TOML file that exists \
                 (`--print-config` prints one to start from)"
            ))
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut config = Self::parse(&name, &text, folder)?;
        config.answers_mut().for_each(|rule| rule.resolve(folder));
        // Read again at the start, where the name of this file is not known.
        for provider in config.providers().collect::<Vec<_>>() {
            Rules::load(provider, config.answers(provider))
                .map_err(|problem| Error::new(format!("{name}: {problem}")))?;
        }
        Ok(config)
    }

    /// Reads and checks the text of a file of that name. Profiles with relative paths are looked for in the current folder.
    ///
    /// # Errors
    ///
    /// As [`Config::read`].
    pub fn from_toml(name: &str, text: &str) -> Result<Self, Error> {
        Self::parse(name, text, Path::new(""))
    }

    fn parse(name: &str, text: &str, folder: &Path) -> Result<Self, Error> {
        let mut config: Self = toml::from_str(text).map_err(|error| syntax(name, text, &error))?;
        for api in &mut config.apis {
            let loaded = api.load(folder);
            loaded.map_err(|error| Error::new(format!("{name}: {error}")))?;
        }
        config
            .check()
            .map_err(|problem| Error::new(format!("{name}: {problem}")))?;
        Ok(config)
    }

    /// The configuration as a file to start from, with an example of a rule as a comment.
    #[cfg(feature = "process")]
    pub(crate) fn to_toml_with_example(&self) -> Result<String, Error> {
        Ok(self.to_toml()? + EXAMPLE)
    }

    /// The configuration as a file that [`Config::read`] reads back.
    ///
    /// # Errors
    ///
    /// When a number is too large for TOML, an API's profile is not in a file, or a rule has two headers or conditions of one name.
    pub fn to_toml(&self) -> Result<String, Error> {
        self.check_for_file().map_err(Error::new)?;
        toml::to_string(self).map_err(|error| {
            Error::new(format!(
                "the configuration cannot be written as TOML: {error}"
            ))
        })
    }
}

/// The library's own text quotes the whole line, which may hold a secret: only the place, the key
/// and the reason are passed on.
fn syntax(name: &str, text: &str, error: &toml::de::Error) -> Error {
    let at = error.span().map_or(0, |span| span.start);
    let before = text.get(..at).unwrap_or_default();
    let line_number = before.matches('\n').count() + 1;
    let key = key_at(text, line_number).map_or_else(String::new, |key| format!(" at `{key}`"));
    let reason = with_suggestion(error.message());
    Error::new(format!(
        "{name}:{line_number}:{key} {reason}; fix this line \
         (`--print-config` prints every key with its default, and a rule as an example)"
    ))
}

/// The key that a line belongs to: its own, or the one above it that a list began with.
fn key_at(text: &str, line_number: usize) -> Option<&str> {
    let lines: Vec<_> = text.lines().take(line_number).collect();
    lines.into_iter().rev().find_map(|line| {
        let line = line.trim();
        if line.starts_with('[') && !line.contains('"') {
            return Some(line);
        }
        let key = line.split_once('=')?.0.trim();
        let bare = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        (!key.is_empty() && key.bytes().all(bare)).then_some(key)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn message(text: &str) -> String {
        match Config::from_toml("emulator.toml", text) {
            Ok(_) => panic!("accepted: {text}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_printed_defaults_are_read_back() {
        let printed = Config::default().to_toml().unwrap();
        let read = Config::from_toml("defaults", &printed).unwrap();
        assert!(read == Config::default(), "{printed}");
    }

    #[cfg(feature = "process")]
    #[test]
    fn the_printed_example_has_every_key_of_a_rule() {
        let printed = Config::default().to_toml_with_example().unwrap();
        let read = Config::from_toml("printed", &printed).unwrap();
        assert!(read == Config::default(), "{printed}");
        let (_, rule) = printed.split_once("# [[").unwrap();
        let rule = format!("# [[{rule}").replace("# ", "");
        let config = Config::from_toml("example", &format!("{printed}{rule}")).unwrap();
        assert_eq!(config.marketo.answers.len(), 1, "{rule}");
        let unknown = message("[[marketo.answers]]\nzzzzzzzz = 1");
        let (_, known) = unknown.split_once("expected one of ").unwrap();
        let known: Vec<_> = known.split('`').skip(1).step_by(2).collect();
        assert!(known.contains(&"cut_after_bytes"), "{unknown}");
        for key in known.iter().filter(|key| **key != "--print-config") {
            assert!(
                rule.contains(&format!("{key} = ")),
                "{key:?} is not in {rule}"
            );
        }
    }

    #[test]
    fn an_empty_file_is_the_defaults() {
        assert!(Config::from_toml("empty", "").unwrap() == Config::default());
    }

    #[test]
    fn a_file_of_the_documented_shape_is_read() {
        let config = Config::from_toml(
            "shape",
            r#"
                [fujitsu-aispf]
                api_keys = ["a", "b"]
                [[fujitsu-aispf.clients]]
                id = "i:+ %あ&"
                secret = "s"
                [jooto]
                api_keys = ["k"]
                [[jooto.clients]]
                id = "j"
                secret = "s"
                redirect_uris = ["https://example.com/cb"]
                organization_ids = [1, 22]
                [[marketo.clients]]
                id = "m"
                secret = "s"
                user = "apis@acmeinc.com"
                [[marketo.clients]]
                id = "n"
                secret = "s"
            "#,
        )
        .unwrap();
        assert_eq!(config.fujitsu_aispf.api_keys, ["a", "b"]);
        assert_eq!(config.fujitsu_aispf.clients[0].id, "i:+ %あ&");
        assert_eq!(config.jooto.clients[0].organization_ids, [1, 22]);
        assert_eq!(config.marketo.clients[1].user, "apis@acmeinc.com");
    }

    #[rstest]
    #[case("[fujitsu_aispf]", &["emulator.toml:1:", "fujitsu_aispf", "fujitsu-aispf"])]
    #[case("[jooto]\napi_key = []", &["emulator.toml:2:", "`api_key`", "`api_keys`"])]
    #[case("[[marketo.clients]]\nid = \"m\"", &["emulator.toml:1:", "`secret`"])]
    #[case(
        "[[marketo.clients]]\nid = \"m\"\nsecret = \"s\"\nusre = \"u\"",
        &["emulator.toml:4:", "`usre`", "`user`"],
    )]
    #[case("[marketo]\naccess_token_seconds = \"x\"", &["emulator.toml:2:", "access_token_seconds"])]
    #[case("[marketo]\naccess_token_seconds = -1", &["emulator.toml:2:", "access_token_seconds"])]
    #[case("[emulator]\nclock = \"slow\"", &["emulator.toml:2:", "clock", "frozen"])]
    #[case("[jooto", &["emulator.toml:1:"])]
    #[case("[jooto]\napi_keys = [\n\"a=b\",\n5]", &["emulator.toml:4:", "`api_keys`"])]
    fn a_bad_file_is_refused_by_place_and_key(#[case] text: &str, #[case] parts: &[&str]) {
        let message = message(text);
        for part in parts {
            assert!(message.contains(part), "{part:?} is not in {message:?}");
        }
        assert!(message.contains("`--print-config`"), "{message}");
    }

    #[rstest]
    #[case("[[marketo.clients]]\nid = \"m\"\nsecrte = \"CANARY-secret\"")]
    #[case("[emulator]\nlog_limit = \"CANARY-secret\"")]
    #[case("[jooto]\napi_keys = [\n\"CANARY-a=b\",\n5]")]
    #[case("[jooto]\napi_keys = [\"CANARY-key\"")]
    fn a_message_does_not_quote_a_value(#[case] text: &str) {
        let message = message(text);
        assert!(!message.contains("CANARY"), "{message}");
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Config::read(Path::new("no-such-file.toml")).err().unwrap();
        assert!(error.to_string().contains("no-such-file.toml"), "{error}");
    }
}
