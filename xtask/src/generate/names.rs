//! Names: how a spec's become Rust's, and which look like a misspelt or a secret one.

use heck::{ToPascalCase, ToShoutySnakeCase, ToSnakeCase};

/// The name of a method; what progenitor makes of an operationId.
pub(crate) fn snake(name: &str) -> String {
    name.to_snake_case()
}

/// The name of a type.
pub(crate) fn pascal(name: &str) -> String {
    name.to_pascal_case()
}

/// The name of a constant.
pub(crate) fn shouty(name: &str) -> String {
    // One word in this field's language.
    name.replace("OAuth", "Oauth").to_shouty_snake_case()
}

/// Whether it is a plain identifier in Rust.
pub(crate) fn is_identifier(name: &str) -> bool {
    // `syn` reads the keywords of all editions but knows `gen` only in expressions.
    name != "gen" && syn::parse_str::<syn::Ident>(name).is_ok()
}

/// ``did you mean `x`? ``, or nothing when no candidate is near.
pub(crate) fn did_you_mean<S: AsRef<str>>(
    word: &str,
    candidates: impl IntoIterator<Item = S>,
) -> String {
    let candidates: Vec<S> = candidates.into_iter().collect();
    let texts: Vec<&str> = candidates.iter().map(AsRef::as_ref).collect();
    match similar::get_close_matches(word, &texts, 1, 0.7).first() {
        Some(near) => format!("did you mean `{near}`? "),
        None => String::new(),
    }
}

/// Parts of a name that make it a secret's.
const SECRET_PARTS: [&str; 12] = [
    "secret",
    "password",
    "passphrase",
    "access_token",
    "refresh_token",
    "id_token",
    "session_token",
    "api_key",
    "apikey",
    "private_key",
    "client_assertion",
    "code_verifier",
];

/// Ends of a name that make it a word about a secret.
const ABOUT_A_SECRET: [&str; 9] = [
    "_type",
    "_expires_in",
    "_expires_at",
    "_lifetime",
    "_uri",
    "_url",
    "_endpoint",
    "_method",
    "_hint",
];

/// Whether a field or parameter looks like a secret, given the names beside it.
pub(crate) fn looks_secret<S: AsRef<str>>(name: &str, siblings: &[S]) -> bool {
    let name = snake(name);
    if ABOUT_A_SECRET.iter().any(|end| name.ends_with(end)) {
        return false;
    }
    if SECRET_PARTS.iter().any(|part| name.contains(part)) || name == "token" {
        return true;
    }
    // `code` is an error's number in one place and a grant in another.
    (name == "code" || name.ends_with("authorization_code"))
        && siblings.iter().any(|sibling| {
            matches!(
                snake(sibling.as_ref()).as_str(),
                "grant_type" | "client_id" | "client_secret" | "redirect_uri" | "state"
            )
        })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("OAuth2", "OAUTH2")]
    #[case("JootoApiKey", "JOOTO_API_KEY")]
    #[case("X-Api-Key", "X_API_KEY")]
    #[case("access-token", "ACCESS_TOKEN")]
    #[case("clientId", "CLIENT_ID")]
    fn constants_are_named_in_the_fields_words(#[case] name: &str, #[case] constant: &str) {
        assert_eq!(shouty(name), constant);
    }

    #[rstest]
    #[case("client_secret", &[], true)]
    #[case("clientSecret", &[], true)]
    #[case("accessToken", &[], true)]
    #[case("X-Api-Key", &[], true)]
    #[case("refresh_token_expires_in", &[], false)]
    #[case("token_type", &[], false)]
    #[case("next_page_token", &[], false)]
    #[case("code", &["message"], false)]
    #[case("code", &["redirect_uri"], true)]
    #[case("client_id", &["client_secret"], false)]
    fn secrets_are_known_by_their_names(
        #[case] name: &str,
        #[case] siblings: &[&str],
        #[case] secret: bool,
    ) {
        assert_eq!(looks_secret(name, siblings), secret, "{name}");
    }

    #[rstest]
    #[case("issue_token", true)]
    #[case("match", false)]
    #[case("gen", false)]
    #[case("2nd", false)]
    fn keywords_are_no_names(#[case] name: &str, #[case] fine: bool) {
        assert_eq!(is_identifier(name), fine, "{name}");
    }

    #[test]
    fn a_near_name_is_offered() {
        assert_eq!(
            did_you_mean("requierd", ["required", "name"]),
            "did you mean `required`? "
        );
        assert_eq!(did_you_mean("zzz", ["required", "name"]), "");
    }
}
