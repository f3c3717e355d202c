//! Placeholders for values: the same value always gets the same name.

use std::collections::{BTreeMap, HashSet};
use std::ops::Bound;

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
    /// Spelling and name of the values that are looked for inside others.
    needles: BTreeMap<String, String>,
    /// How these begin.
    beginnings: HashSet<[u8; SHORTEST]>,
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
            needles: BTreeMap::new(),
            beginnings: HashSet::new(),
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
        text.char_indices().find_map(|(at, _)| {
            let (length, name) = self.longest(&text[at..])?;
            Some((at, at + length, name))
        })
    }

    /// The longest known value with which a text begins, by its length and name.
    fn longest(&self, text: &str) -> Option<(usize, &str)> {
        if !self.beginnings.contains(text.as_bytes().first_chunk()?) {
            return None;
        }
        let mut begin = text;
        loop {
            // Every value with which the text begins is before it in the alphabet, and whatever is
            // between the two begins with that value as well.
            let before = (Bound::Unbounded, Bound::Included(begin));
            let (needle, name) = self.needles.range::<str, _>(before).next_back()?;
            let common = common(needle, begin);
            if common == needle.len() {
                return Some((common, name));
            }
            if common < SHORTEST {
                return None;
            }
            begin = &begin[..common];
        }
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
            if let Some(beginning) = needle.as_bytes().first_chunk() {
                self.beginnings.insert(*beginning);
            }
            // Of two values with the same spelling the one that comes first in the alphabet.
            let known = self
                .needles
                .entry(needle)
                .or_insert_with(|| name.to_owned());
            if name < known.as_str() {
                name.clone_into(known);
            }
        }
    }
}

/// How long the text is with which both begin.
fn common(one: &str, other: &str) -> usize {
    let both = one.char_indices().zip(other.chars());
    let differs = both.skip_while(|((_, a), b)| a == b);
    differs
        .map(|((at, _), _)| at)
        .next()
        .unwrap_or(one.len().min(other.len()))
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
    fn a_value_is_found_although_another_begins_like_it() {
        let mut names = Names::new(Provider::all());
        for (place, value) in [
            ("code", "prefix"),
            ("state", "prefix-a"),
            ("cookie", "prefix-a-long"),
            ("password", "größer"),
            ("client_id", "größe-x"),
        ] {
            names.of(place, value);
        }
        for (text, found) in [
            ("prefix-a-lonely", Some((0, 8, "state"))),
            ("xprefix-", Some((1, 7, "code"))),
            ("a größen größer", Some((11, 19, "password"))),
            ("größe", None),
            ("prefi", None),
        ] {
            assert_eq!(names.inside(text), found, "{text}");
        }
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
