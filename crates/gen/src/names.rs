//! Names: how a document's become Rust's, as the encoder makes them, and which look like a secret.

use std::collections::{HashMap, HashSet};

use heck::{ToPascalCase, ToShoutySnakeCase, ToSnakeCase};
use unicode_ident::{is_xid_continue, is_xid_start};

/// The name of a type or variant.
pub fn pascal(name: &str) -> String {
    identifier(name, str::to_pascal_case)
}

/// The name of a field, argument or method.
pub fn snake(name: &str) -> String {
    identifier(name, str::to_snake_case)
}

/// The name of a method that the encoder does not make, in which `OAuth` is one word.
pub(crate) fn method(name: &str) -> String {
    snake(&name.replace("OAuth", "Oauth"))
}

/// The name of a constant, with the same words.
pub fn constant(name: &str) -> String {
    method(name).to_shouty_snake_case()
}

/// The same rules as typify and progenitor have, so that what collides there is found before.
fn identifier(name: &str, case: impl Fn(&str) -> String) -> String {
    let out = match name {
        "+1" => "plus1".to_owned(),
        "-1" => "minus1".to_owned(),
        _ => case(&name.replace('\'', "").replace(|c| !is_xid_continue(c), "-")),
    };
    let out = match out.chars().next() {
        None => case("x"),
        Some(first) if is_xid_start(first) => out,
        Some(_) => format!("{}{out}", case("x")),
    };
    if is_keyword(&out) {
        format!("{out}_")
    } else {
        out
    }
}

const KEYWORDS: [&str; 54] = [
    "_", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue",
    "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if",
    "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub",
    "ref", "return", "Self", "self", "static", "struct", "super", "trait", "true", "try", "type",
    "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield", "union",
];

fn is_keyword(name: &str) -> bool {
    // `union` is a keyword in one place only.
    name != "union" && KEYWORDS.contains(&name)
}

/// Whether the values of an enum make as many variants. If they do not at first, the encoder tries a second way.
pub(crate) fn make_variants<'a>(values: &(impl Iterator<Item = &'a str> + Clone)) -> bool {
    let all_differ = |name: &dyn Fn(&str) -> String| {
        let mut seen = HashSet::new();
        values.clone().all(|it| seen.insert(name(it)))
    };
    all_differ(&pascal)
        || all_differ(&|it| pascal(&it.replace(|c| c == '_' || !is_xid_continue(c), "X")))
}

/// A name that no other has; `taken` gets it.
pub(crate) fn unique(name: &str, taken: &mut HashSet<String>) -> String {
    let mut made = name.to_owned();
    let mut number = 2;
    while !taken.insert(made.clone()) {
        made = format!("{name}{number}");
        number += 1;
    }
    made
}

/// Names that are taken, of many things: each further one of a name costs no more than the first.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    names: HashSet<String>,
    /// The next number of a name.
    next: HashMap<String, usize>,
}

impl Taken {
    /// A name that no other has, as [`unique`] makes it.
    pub(crate) fn unique(&mut self, name: &str) -> String {
        if self.names.insert(name.to_owned()) {
            return name.to_owned();
        }
        let number = self.next.entry(name.to_owned()).or_insert(2);
        loop {
            let made = format!("{name}{number}");
            *number += 1;
            if self.names.insert(made.clone()) {
                return made;
            }
        }
    }
}

impl FromIterator<String> for Taken {
    fn from_iter<T: IntoIterator<Item = String>>(names: T) -> Self {
        Self {
            names: names.into_iter().collect(),
            next: HashMap::new(),
        }
    }
}

/// Parts of a name that make it a secret's.
const SECRET_PARTS: [&str; 18] = [
    "secret",
    "password",
    "passphrase",
    "passcode",
    "credential",
    "access_token",
    "refresh_token",
    "id_token",
    "session_token",
    "accesstoken",
    "authtoken",
    "api_key",
    "apikey",
    "access_key",
    "private_key",
    "signing_key",
    "client_assertion",
    "code_verifier",
];

/// Words that make a name a secret's. As parts they are in other words too.
const SECRET_WORDS: [&str; 5] = ["jwt", "otp", "totp", "bearer", "passwd"];

/// What a token is of that is no secret: a place in a list, or a mark of one request.
const OPEN_TOKENS: [&str; 22] = [
    "after",
    "before",
    "continuation",
    "continue",
    "csrf",
    "cursor",
    "delta",
    "end",
    "first",
    "idempotency",
    "last",
    "next",
    "page",
    "pagination",
    "paging",
    "prev",
    "previous",
    "resume",
    "skip",
    "start",
    "sync",
    "xsrf",
];

/// Ends of a name that make it a word about a secret.
const ABOUT_A_SECRET: [&str; 17] = [
    "_type",
    "_expires_in",
    "_expires_at",
    "_lifetime",
    "_uri",
    "_url",
    "_endpoint",
    "_method",
    "_hint",
    "_id",
    "_name",
    "_policy",
    "_algorithm",
    "_count",
    "_enabled",
    "_required",
    "_status",
];

/// Whether a property or parameter looks like a secret.
pub fn looks_secret(name: &str) -> bool {
    let name = name.to_snake_case();
    if ABOUT_A_SECRET.iter().any(|end| name.ends_with(end)) {
        return false;
    }
    let is_token = match name.strip_suffix("token") {
        Some("") => true,
        Some(before) => before
            .strip_suffix('_')
            .is_some_and(|it| !OPEN_TOKENS.contains(&it.rsplit('_').next().unwrap_or_default())),
        None => false,
    };
    is_token
        || SECRET_PARTS.iter().any(|part| name.contains(part))
        || name.split('_').any(|word| SECRET_WORDS.contains(&word))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("markdown/render-raw", "markdown_render_raw", "MarkdownRenderRaw")]
    #[case("type", "type_", "Type")]
    #[case("2fa", "x2fa", "X2fa")]
    #[case("", "x", "X")]
    #[case("+1", "plus1", "plus1")]
    #[case("self", "self_", "Self_")]
    #[case("page[size]", "page_size", "PageSize")]
    fn names_are_made_as_the_encoder_makes_them(
        #[case] name: &str,
        #[case] field: &str,
        #[case] kind: &str,
    ) {
        assert_eq!(
            (snake(name), pascal(name)),
            (field.to_owned(), kind.to_owned())
        );
    }

    #[rstest]
    #[case("OAuth2", "OAUTH2")]
    #[case("myOAuth", "MY_OAUTH")]
    #[case("JootoApiKey", "JOOTO_API_KEY")]
    #[case("X-Api-Key", "X_API_KEY")]
    #[case("access-token", "ACCESS_TOKEN")]
    #[case("clientId", "CLIENT_ID")]
    #[case("2nd", "X2ND")]
    fn constants_are_named_in_the_fields_words(#[case] name: &str, #[case] constant: &str) {
        assert_eq!(super::constant(name), constant);
    }

    #[rstest]
    #[case(&["a", "b"], true)]
    #[case(&["ASC", "asc"], false)]
    #[case(&["a-b", "a_c"], true)]
    #[case(&["a", "-a"], true)]
    #[case(&["【", "["], false)]
    fn values_that_make_one_variant_are_found(#[case] values: &[&str], #[case] fine: bool) {
        assert_eq!(make_variants(&values.iter().copied()), fine);
    }

    #[rstest]
    #[case("clientSecret", true)]
    #[case("X-Api-Key", true)]
    #[case("api_key_id", false)]
    #[case("token_type", false)]
    #[case("next_page_token", false)]
    #[case("token", true)]
    #[case("auth_token", true)]
    #[case("apiToken", true)]
    #[case("botToken", true)]
    #[case("X-Auth-Token", true)]
    #[case("invite_token", true)]
    #[case("accessKey", true)]
    #[case("SecretAccessKey", true)]
    #[case("signing_key", true)]
    #[case("jwt", true)]
    #[case("sessionJwt", true)]
    #[case("bearer", true)]
    #[case("credential", true)]
    #[case("clientCredentials", true)]
    #[case("otp", true)]
    #[case("otp_code", true)]
    #[case("accessKeyId", false)]
    #[case("credential_id", false)]
    #[case("passwordRequired", false)]
    #[case("pageToken", false)]
    #[case("nextSyncToken", false)]
    #[case("prev_token", false)]
    #[case("continuation_token", false)]
    #[case("csrf_token", false)]
    #[case("cursor_token", false)]
    #[case("max_tokens", false)]
    #[case("tokenize", false)]
    #[case("option", false)]
    #[case("broken", false)]
    #[case("jwts_url", false)]
    fn secrets_are_known_by_their_names(#[case] name: &str, #[case] secret: bool) {
        assert_eq!(looks_secret(name), secret);
    }

    #[test]
    fn a_further_name_is_not_looked_for_from_the_start() {
        let mut taken = Taken::from_iter(["a3".to_owned()]);
        let made: Vec<String> = (0..4).map(|_| taken.unique("a")).collect();
        assert_eq!(made, ["a", "a2", "a4", "a5"]);
        assert_eq!(taken.next["a"], 6);
        let (mut plain, mut many) = (HashSet::new(), Taken::default());
        for name in ["a", "a2", "a", "a", "a2", "a22", "a2", "b"] {
            assert_eq!(many.unique(name), unique(name, &mut plain));
        }
    }
}
