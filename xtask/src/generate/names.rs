//! Names: how a spec's become Rust's, and which look like a misspelt or a secret one.

use heck::ToSnakeCase as _;

pub(crate) use tegata_gen::parts::{constant, pascal, snake};

/// Whether it is a plain identifier in Rust.
pub(crate) fn is_identifier(name: &str) -> bool {
    // `syn` reads the keywords of all editions but knows `gen` only in expressions.
    name != "gen" && syn::parse_str::<syn::Ident>(name).is_ok()
}

/// Whether a method or field can have the name as it is, and not one that was made to fit.
pub(crate) fn fits(name: &str) -> bool {
    is_identifier(&name.to_snake_case())
}

/// The same of an argument, which may be a keyword: the encoder puts an underscore behind it.
pub(crate) fn is_argument(name: &str) -> bool {
    is_identifier(&format!("{}_", name.to_snake_case()))
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

/// Whether a field or parameter looks like a secret, given the names beside it.
pub(crate) fn looks_secret<S: AsRef<str>>(name: &str, siblings: &[S]) -> bool {
    let is_code =
        matches!(snake(name).as_str(), it if it == "code" || it.ends_with("authorization_code"));
    // `code` is an error's number in one place and a grant in another.
    let is_of_a_grant = |sibling: &S| {
        matches!(
            snake(sibling.as_ref()).as_str(),
            "grant_type" | "client_id" | "client_secret" | "redirect_uri" | "state"
        )
    };
    tegata_gen::parts::looks_secret(name) || is_code && siblings.iter().any(is_of_a_grant)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

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
