//! Answers that a configuration or a test prescribes for calls whose credential is right.

mod check;
mod file;
mod pattern;
mod rule;

use std::io::{self, Read as _};
use std::path::Path;

use axum::http::HeaderName;
use axum::http::header::CONTENT_TYPE;

use crate::Provider;
use crate::answer::Answer;
use crate::call::Call;

pub(crate) use check::{check, check_for_file};
pub(crate) use pattern::path_fits;
pub use rule::{Reply, Rule};

/// Far above any answer of these APIs, Marketo's bulk files in tests included.
const LONGEST_FILE: u64 = 32 * 1024 * 1024;

/// The rules of one provider, in the order in which they are asked.
#[derive(Clone, Default)]
pub(crate) struct Rules {
    rules: Vec<Active>,
}

/// A rule, with what it has answered so far.
#[derive(Clone)]
pub(crate) struct Active {
    name: String,
    rule: Rule,
    answered: u64,
}

/// A rule as the list of all shows it.
pub(crate) struct Listed<'a> {
    pub(crate) name: &'a str,
    pub(crate) method: Option<&'a str>,
    pub(crate) path: &'a str,
    pub(crate) answered: u64,
}

impl Rules {
    /// Those of the configuration, which have been checked, with their files read.
    pub(crate) fn load(provider: Provider, rules: &[Rule]) -> Result<Self, String> {
        let load = |(index, rule): (usize, &Rule)| {
            let place = format!("{provider}.answers[{index}]");
            Active::new(&place, rule.clone())
        };
        let rules = rules.iter().enumerate().map(load).collect::<Result<_, _>>();
        Ok(Self { rules: rules? })
    }

    /// Adds one that is asked before all others.
    pub(crate) fn add(&mut self, rule: Active) {
        self.rules.insert(0, rule);
    }

    /// Whether a rule could answer calls of this path.
    pub(crate) fn know(&self, path: &str) -> bool {
        self.rules.iter().any(|one| path_fits(&one.rule.path, path))
    }

    /// The answer of the first rule that the call fits and that has one left.
    pub(crate) fn answer(&mut self, call: &Call) -> Option<Answer> {
        self.rules.iter_mut().find_map(|one| one.answer(call))
    }

    pub(crate) fn list(&self) -> impl Iterator<Item = Listed<'_>> {
        self.rules.iter().map(|one| Listed {
            name: &one.name,
            method: one.rule.method.as_deref(),
            path: &one.rule.path,
            answered: one.answered,
        })
    }
}

impl Active {
    /// One that a test adds, checked and with its files read.
    pub(crate) fn added(provider: Provider, rule: Rule) -> Result<Self, String> {
        let place = format!("the rule for {}", rule.path);
        check(provider, &place, &rule)?;
        let name = format!("added: {} {}", rule.method(), rule.path);
        Ok(Self::new(&place, rule)?.otherwise_named(name))
    }

    pub(crate) fn path(&self) -> &str {
        &self.rule.path
    }

    fn new(place: &str, mut rule: Rule) -> Result<Self, String> {
        for (index, reply) in rule.replies.iter_mut().enumerate() {
            match index.checked_sub(1) {
                None => reply.load(place)?,
                Some(index) => reply.load(&format!("{place}.then[{index}]"))?,
            }
        }
        let name = rule.name.clone().unwrap_or_else(|| place.to_owned());
        Ok(Self {
            name,
            rule,
            answered: 0,
        })
    }

    fn otherwise_named(mut self, name: String) -> Self {
        if self.rule.name.is_none() {
            self.name = name;
        }
        self
    }

    fn answer(&mut self, call: &Call) -> Option<Answer> {
        if !self.rule.fits(call) {
            return None;
        }
        let answer = match self.rule.replies.as_slice() {
            [] => Answer::empty(axum::http::StatusCode::OK),
            replies => reply_at(replies, self.answered)?.answer(),
        };
        self.answered += 1;
        Some(answer.by_rule(self.name.clone()))
    }
}

/// The reply to the call of that number, counted from 0.
fn reply_at(replies: &[Reply], number: u64) -> Option<&Reply> {
    let mut before: u64 = 0;
    let last = replies.len().saturating_sub(1);
    replies.iter().enumerate().find_map(|(index, reply)| {
        let times = match reply.times {
            None if index == last => u64::MAX,
            times => times.unwrap_or(1),
        };
        before = before.saturating_add(times);
        (number < before).then_some(reply)
    })
}

impl Rule {
    /// Files named by a relative path are in this folder; an absolute one stays so when the
    /// configuration is printed into a file that is elsewhere.
    pub(crate) fn resolve(&mut self, folder: &Path) {
        for reply in &mut self.replies {
            if let Some(file) = &mut reply.body_file {
                let joined = folder.join(&*file);
                *file = std::path::absolute(&joined).unwrap_or(joined);
            }
        }
    }

    pub(crate) fn has_file(&self) -> bool {
        self.replies.iter().any(|reply| reply.body_file.is_some())
    }

    fn method(&self) -> &str {
        self.method.as_deref().unwrap_or("any method")
    }

    fn fits(&self, call: &Call) -> bool {
        let method = self.method.as_deref();
        let has = |(name, wanted): &(String, String)| {
            let mut values = call.values(name);
            values.any(|value| pattern::text_fits(wanted, value))
        };
        method.is_none_or(|method| method.eq_ignore_ascii_case(&call.method))
            && path_fits(&self.path, &call.path)
            && self.query.iter().all(has)
    }
}

/// A file as a body.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Loaded {
    bytes: Vec<u8>,
    content_type: &'static str,
}

impl Reply {
    fn load(&mut self, place: &str) -> Result<(), String> {
        if let Some(path) = &self.body_file {
            self.loaded = Some(Loaded::read(path).map_err(|error| {
                format!(
                    "{place}.body_file: {} cannot be read: {error}; a relative path is one from the \
                     folder of the configuration file",
                    path.display()
                )
            })?);
        }
        Ok(())
    }

    fn answer(&self) -> Answer {
        let status = axum::http::StatusCode::from_u16(self.status).unwrap_or_default();
        let mut answer = Answer::empty(status);
        let mut content_type = None;
        if let Some(text) = &self.body {
            answer.body = text.clone().into_bytes();
            content_type = Some(type_of_text(text));
        }
        if let Some(loaded) = &self.loaded {
            answer.body.clone_from(&loaded.bytes);
            content_type = Some(loaded.content_type);
        }
        for (name, value) in &self.headers {
            if let Ok(name) = HeaderName::try_from(name) {
                answer = answer.header(name, value);
            }
        }
        if let Some(content_type) = content_type
            && !answer.has(&CONTENT_TYPE)
        {
            answer = answer.header(CONTENT_TYPE, content_type);
        }
        answer.delivered(self.delivery)
    }
}

impl Loaded {
    fn read(path: &Path) -> io::Result<Self> {
        let bytes = read_whole(path)?;
        let extension = path.extension().and_then(|extension| extension.to_str());
        let content_type = match extension.map(str::to_ascii_lowercase).as_deref() {
            Some("json") => "application/json;charset=UTF-8",
            Some("csv") => "text/csv;charset=UTF-8",
            Some("html" | "htm") => "text/html;charset=UTF-8",
            Some("txt") => "text/plain;charset=UTF-8",
            _ => std::str::from_utf8(&bytes).map_or("application/octet-stream", type_of_text),
        };
        Ok(Self {
            bytes,
            content_type,
        })
    }
}

/// Only a regular file: reading a pipe or a terminal could wait for ever, and a device has no end.
fn read_whole(path: &Path) -> io::Result<Vec<u8>> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path)?;
    file.take(LONGEST_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST_FILE {
        let most = LONGEST_FILE / 1024 / 1024;
        return Err(io::Error::other(format!("it is longer than {most} MiB")));
    }
    Ok(bytes)
}

fn type_of_text(text: &str) -> &'static str {
    if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() {
        "application/json;charset=UTF-8"
    } else {
        "text/plain;charset=UTF-8"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn call(method: &str, path: &str, query: &[(&str, &str)]) -> Call {
        let pairs = query.iter().map(|&(n, v)| (n.to_owned(), v.to_owned()));
        Call {
            method: method.to_owned(),
            path: path.to_owned(),
            parameters: pairs.collect(),
        }
    }

    fn statuses(rule: Rule, calls: usize) -> Vec<Option<u16>> {
        let mut rules = Rules::default();
        rules.add(Active::added(Provider::Marketo, rule).unwrap());
        let mut next = || rules.answer(&call("GET", "/rest/a", &[]));
        (0..calls)
            .map(|_| next().map(|answer| answer.status.as_u16()))
            .collect()
    }

    #[test]
    fn the_replies_come_in_order_and_the_last_goes_on() {
        let rule = Rule::get("/rest/a")
            .reply(Reply::status(201).times(2))
            .then(Reply::status(202))
            .then(Reply::status(203));
        let expected = [201, 201, 202, 203, 203].map(Some);
        assert_eq!(statuses(rule, 5), expected);
    }

    #[test]
    fn a_numbered_last_reply_leaves_further_calls_to_others() {
        let rule = Rule::get("/rest/a").reply(Reply::status(201).times(2));
        assert_eq!(statuses(rule, 3), [Some(201), Some(201), None]);
    }

    #[test]
    fn a_rule_without_a_reply_answers_an_empty_body() {
        assert_eq!(statuses(Rule::any("/rest/**"), 1), [Some(200)]);
    }

    #[rstest]
    #[case("GET", "/rest/a", &[("x", "1,2"), ("y", "")], true)]
    #[case("GET", "/rest/a", &[("x", "2"), ("x", "1,2"), ("y", "b")], true)]
    #[case("POST", "/rest/a", &[("x", "1,2"), ("y", "b")], false)]
    #[case("GET", "/rest/b", &[("x", "1,2"), ("y", "b")], false)]
    #[case("GET", "/rest/a", &[("x", "2"), ("y", "b")], false)]
    #[case("GET", "/rest/a", &[("x", "1,2")], false)]
    fn method_path_and_every_parameter_must_fit(
        #[case] method: &str,
        #[case] path: &str,
        #[case] query: &[(&str, &str)],
        #[case] expected: bool,
    ) {
        let rule = Rule::on("get", "/rest/a").query("x", "1*").query("y", "*");
        let call = call(method, path, query);
        assert_eq!(rule.fits(&call), expected, "{method} {path} {query:?}");
    }

    #[test]
    fn the_first_that_fits_answers_and_added_ones_come_first() {
        let configured = [
            Rule::any("/rest/a").named("first"),
            Rule::any("/rest/*").named("second"),
        ];
        let mut rules = Rules::load(Provider::Marketo, &configured).unwrap();
        let mut by = |path: &str| rules.answer(&call("GET", path, &[])).unwrap().rule;
        assert_eq!(by("/rest/a").as_deref(), Some("first"));
        assert_eq!(by("/rest/b").as_deref(), Some("second"));
        rules.add(Active::added(Provider::Marketo, Rule::get("/rest/a")).unwrap());
        let by = rules.answer(&call("GET", "/rest/a", &[])).unwrap().rule;
        assert_eq!(by.as_deref(), Some("added: GET /rest/a"));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let rules = [Rule::get("/rest/a").reply(Reply::file("no/such.json"))];
        let problem = Rules::load(Provider::Marketo, &rules).err().unwrap();
        for part in ["marketo.answers[0].body_file", "no/such.json", "folder"] {
            assert!(problem.contains(part), "{part:?} is not in {problem:?}");
        }
        let then = Rule::get("/rest/a").reply(Reply::status(200));
        let then = then
            .then(Reply::status(201))
            .then(Reply::file("no/such.json"));
        let problem = Rules::load(Provider::Marketo, &[then]).err().unwrap();
        assert!(
            problem.starts_with("marketo.answers[0].then[1].body_file: "),
            "{problem}"
        );
    }

    #[test]
    fn only_a_regular_file_of_a_fair_length_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let long = folder.path().join("long.csv");
        let file = std::fs::File::create(&long).unwrap();
        file.set_len(LONGEST_FILE).unwrap();
        assert!(Loaded::read(&long).is_ok());
        file.set_len(LONGEST_FILE + 1).unwrap();
        for (path, part) in [
            (long.as_path(), "32 MiB"),
            (folder.path(), "no regular file"),
        ] {
            let rules = [Rule::get("/rest/a").reply(Reply::file(path))];
            let problem = Rules::load(Provider::Marketo, &rules).err().unwrap();
            assert!(problem.contains(part), "{part:?} is not in {problem:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_as_a_file_is_refused_without_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let (done, result) = std::sync::mpsc::channel();
        std::thread::spawn(move || done.send(Loaded::read(&pipe).is_err()));
        let limit = std::time::Duration::from_secs(10);
        assert_eq!(result.recv_timeout(limit), Ok(true));
    }

    #[rstest]
    #[case(Reply::status(200).body("text/x", "{}"), "text/x")]
    #[case(Reply { body: Some("[1]".to_owned()), ..Reply::status(200) }, "application/json;charset=UTF-8")]
    #[case(Reply { body: Some("a,b".to_owned()), ..Reply::status(200) }, "text/plain;charset=UTF-8")]
    fn a_body_has_a_type(#[case] reply: Reply, #[case] expected: &str) {
        let answer = reply.answer();
        let types: Vec<_> = answer
            .headers
            .iter()
            .filter(|(name, _)| name == CONTENT_TYPE)
            .map(|(_, value)| value.to_str().unwrap())
            .collect();
        assert_eq!(types, [expected]);
    }
}
