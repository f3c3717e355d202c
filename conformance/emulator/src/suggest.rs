//! What serde says about a file or body, without its values and with a suggestion.

/// A reason as serde words it, on one line, with the nearest known key for an unknown one.
///
/// serde writes ``unknown field `a`, expected `b` or `c` ``, each name between backticks.
pub(super) fn with_suggestion(message: &str) -> String {
    let message = &without_value(message).replace('\n', ", ");
    let mut names = message.split('`').skip(1).step_by(2);
    let near = match names.next() {
        Some(unknown) if message.starts_with("unknown ") => {
            let known: Vec<&str> = names.collect();
            nearest(unknown, &known).map(str::to_owned)
        }
        _ => None,
    };
    match near {
        Some(near) => format!("{message}; did you mean `{near}`?"),
        None => message.to_owned(),
    }
}

/// A reason of the kind `invalid type: string "…", expected …` without the string, which may be a secret.
fn without_value(reason: &str) -> String {
    match (reason.find('"'), reason.rfind('"')) {
        (Some(first), Some(last)) if first < last => {
            format!("{}\"…\"{}", &reason[..first], &reason[last + 1..])
        }
        _ => reason.to_owned(),
    }
    .trim_end()
    .to_owned()
}

fn nearest<'a>(unknown: &str, known: &[&'a str]) -> Option<&'a str> {
    // Kebab and snake case are mixed up more often than letters.
    let same = |a: &str, b: &str| a.replace('-', "_") == b.replace('-', "_");
    let spelt = known.iter().find(|one| same(one, unknown));
    let near = || {
        similar::get_close_matches(unknown, known, 1, 0.6)
            .first()
            .copied()
    };
    spelt.copied().or_else(near)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(
        "unknown field `pth`, expected one of `name`, `path`",
        "; did you mean `path`?"
    )]
    #[case(
        "unknown field `body-file`, expected one of `body`, `body_file`",
        "`body_file`?"
    )]
    #[case("unknown field `zzz`, expected `path` or `status`", "or `status`")]
    #[case("invalid type: string, expected u16", "expected u16")]
    #[case("missing field `path`", "missing field `path`")]
    #[case(
        "invalid type: string \"CANARY \"x\"\", expected u16\n",
        "string \"…\", expected u16"
    )]
    fn an_unknown_key_comes_with_the_nearest(#[case] message: &str, #[case] end: &str) {
        let said = with_suggestion(message);
        assert!(said.ends_with(end), "{said}");
    }
}
