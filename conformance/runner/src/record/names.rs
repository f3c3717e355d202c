//! Placeholders for values: the same value always gets the same name.

use std::collections::BTreeMap;

use crate::case::Provider;
use crate::citation::sha256;
use crate::fixture::{form_encode, percent_encode};

/// Values longer than this are known by their hash and are not looked for inside others.
const LONGEST: usize = 4096;
/// Values shorter than this are not looked for inside others: they occur everywhere by chance.
const SHORTEST: usize = 6;

/// Names by value.
#[derive(Clone)]
pub(super) struct Names {
    /// Those in whose headers credentials stand.
    providers: Vec<Provider>,
    by_value: BTreeMap<String, String>,
    count: BTreeMap<String, usize>,
    /// How long each value is, by name.
    lengths: BTreeMap<String, usize>,
    /// Values that were found in the place of a credential.
    credentials: BTreeMap<String, String>,
    /// Spelling and name of the values that are looked for inside others, the longest first.
    needles: Vec<(String, String)>,
}

/// The place at which a value stands, spelled without `_` and `-`, and the name that the suite's own fixtures give it;
/// whether the first one goes without a number; whether it is a credential.
type Place = (&'static str, &'static str, bool, bool);

/// The places that all providers have.
const PLACES: [Place; 13] = [
    ("clientid", "client-id", true, false),
    ("clientsecret", "client-secret", true, true),
    ("accesstoken", "token", false, true),
    ("refreshtoken", "refresh", false, true),
    ("idtoken", "id-token", false, true),
    ("password", "password", true, true),
    ("code", "code", true, true),
    ("state", "state", true, false),
    ("redirecturi", "redirect-uri", true, false),
    ("organizationid", "organization", true, false),
    ("partnerid", "partner-id", true, true),
    ("cookie", "cookie", false, true),
    ("setcookie", "cookie", false, true),
];

impl Names {
    /// No names yet, of values that are exchanged with these providers.
    pub(super) fn new(providers: &[Provider]) -> Self {
        Self {
            providers: providers.to_vec(),
            by_value: BTreeMap::new(),
            count: BTreeMap::new(),
            lengths: BTreeMap::new(),
            credentials: BTreeMap::new(),
            needles: Vec::new(),
        }
    }

    /// The name of a value by its place: a header, a field or a member.
    pub(super) fn of(&mut self, place: &str, value: &str) -> String {
        let key = if value.len() > LONGEST {
            format!("sha256 {}", sha256(value.as_bytes()))
        } else {
            value.to_owned()
        };
        let place = spelled(place);
        let known = known_place(&self.providers, &place);
        let name = match self.by_value.get(&key) {
            Some(name) => name.clone(),
            None => self.new_name(known.map_or((&slug(&place), false), |row| (row.1, row.2))),
        };
        if known.is_some_and(|row| row.3) && value.len() >= SHORTEST {
            self.credentials.insert(name.clone(), value.to_owned());
        }
        self.lengths.entry(name.clone()).or_insert(value.len());
        if self.by_value.insert(key, name.clone()).is_none()
            && (SHORTEST..=LONGEST).contains(&value.len())
        {
            self.learn(value, &name);
        }
        name
    }

    /// The name of a value that has one.
    pub(super) fn known(&self, value: &str) -> Option<&str> {
        self.by_value.get(value).map(String::as_str)
    }

    /// The first known value in a text: where it begins and ends, and its name.
    /// Of two that begin at the same place the longer one.
    pub(super) fn inside(&self, text: &str) -> Option<(usize, usize, &str)> {
        self.needles
            .iter()
            .filter_map(|(needle, name)| {
                let at = text.find(needle.as_str())?;
                Some((at, at + needle.len(), name.as_str()))
            })
            .min_by_key(|(at, end, _)| (*at, usize::MAX - *end))
    }

    /// Every name and how long its value is.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, usize)> {
        self.lengths
            .iter()
            .map(|(name, length)| (name.as_str(), *length))
    }

    /// The credentials found by their place: name and value.
    pub(super) fn credentials(&self) -> impl Iterator<Item = (&str, &str)> {
        self.credentials
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    fn new_name(&mut self, (base, bare): (&str, bool)) -> String {
        let count = self.count.entry(base.to_owned()).or_default();
        *count += 1;
        match (*count, bare) {
            (1, true) => base.to_owned(),
            (count, _) => format!("{base}-{count}"),
        }
    }

    fn learn(&mut self, value: &str, name: &str) {
        let mut spelled = vec![value.to_owned(), percent_encode(value), form_encode(value)];
        spelled.dedup();
        for needle in spelled {
            self.needles.push((needle, name.to_owned()));
        }
        self.needles
            .sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.cmp(b)));
    }
}

fn spelled(place: &str) -> String {
    place.to_ascii_lowercase().replace(['_', '-'], "")
}

/// The kind of a place: one that all providers have, or a header of any of them.
fn known_place(providers: &[Provider], place: &str) -> Option<Place> {
    let is = |header: &String| spelled(header) == place;
    let any = |headers: &dyn Fn(Provider) -> &'static [String]| {
        let mut all = providers.iter();
        all.any(|one| headers(*one).iter().any(is))
    };
    let common = PLACES.iter().find(|(spelled, ..)| *spelled == place);
    match common {
        Some(place) => Some(*place),
        None if any(&Provider::key_headers) => Some(("", "api-key", true, true)),
        None if any(&Provider::token_headers) => Some(("", "token", false, true)),
        None => None,
    }
}

/// A place's name as part of a value's name. A place without a plain name is called `value`.
fn slug(place: &str) -> String {
    let slug: String = place
        .chars()
        .filter(char::is_ascii_alphabetic)
        .take(24)
        .collect();
    if slug.is_empty() {
        "value".to_owned()
    } else {
        slug
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_value_has_the_same_name_wherever_it_stands() {
        let mut names = Names::new(Provider::all());
        assert_eq!(names.of("access_token", "abcdefgh"), "token-1");
        assert_eq!(names.of("X-Access-Token", "abcdefgh"), "token-1");
        assert_eq!(names.of("accessToken", "another one"), "token-2");
        assert_eq!(names.of("client_secret", "s"), "client-secret");
        assert_eq!(names.of("clientSecret", "t"), "client-secret-2");
        assert_eq!(names.of("some thing", "x"), "something-1");
    }

    #[test]
    fn the_longest_value_is_found_inside_another_in_each_spelling() {
        let mut names = Names::new(Provider::all());
        names.of("code", "abc def");
        names.of("state", "abc def ghi");
        assert_eq!(names.inside("x=abc%20def%20ghi;"), Some((2, 17, "state")));
        assert_eq!(names.inside("x=abc+def;"), Some((2, 9, "code")));
        assert_eq!(names.inside("nothing"), None);
    }
}
