//! Checks of texts that are credentials or parts of one.

use crate::Error;

/// Checks a client id, client secret or the like, which is sent as it is.
///
/// A text from a file often ends in a line break, or begins with a byte order mark. Servers refuse it, and say
/// only that the credential is wrong.
///
/// # Errors
/// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if it is empty, holds a control character, or begins
/// or ends with a blank. It names `what`, such as `client id`, and not the text.
pub fn check_credential(what: &str, text: &str) -> Result<(), Error> {
    if text.is_empty() {
        return Err(empty(what));
    }
    if text.contains(char::is_control) {
        return Err(control_character(what));
    }
    check_edges(what, text)
}

/// Checks that it neither begins nor ends with a blank.
pub(crate) fn check_edges(what: &str, text: &str) -> Result<(), Error> {
    // The byte order mark and the zero-width space are not white space by Unicode.
    let is_blank = |c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}');
    if text.starts_with(is_blank) || text.ends_with(is_blank) {
        return Err(Error::configuration(format!(
            "the {what} begins or ends with a blank or a byte order mark, perhaps from the file it was read from: \
             remove it"
        )));
    }
    Ok(())
}

pub(crate) fn empty(what: &str) -> Error {
    Error::configuration(format!("the {what} is empty"))
}

pub(crate) fn control_character(what: &str) -> Error {
    Error::configuration(format!(
        "the {what} holds a control character, perhaps a line break from the file it was read from: remove it"
    ))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("", "is empty")]
    #[case("CANARY\n", "control character, perhaps a line break")]
    #[case("CANARY\r\n", "control character")]
    #[case("\nCANARY", "control character")]
    #[case("CAN\tARY", "control character")]
    #[case("CANARY\0", "control character")]
    #[case("CANARY\u{85}", "control character")]
    #[case(" ", "begins or ends with a blank")]
    #[case("CANARY ", "begins or ends with a blank")]
    #[case("\u{a0}CANARY", "begins or ends with a blank")]
    #[case("CANARY\u{3000}", "begins or ends with a blank")]
    #[case("CANARY\u{2028}", "begins or ends with a blank")]
    #[case("\u{feff}CANARY", "byte order mark")]
    #[case("CANARY\u{200b}", "begins or ends with a blank")]
    fn a_text_that_is_no_credential_is_refused_by_name(#[case] text: &str, #[case] why: &str) {
        let error = check_credential("client secret", text).expect_err(why);
        assert!(error.is_configuration(), "{error:?}");
        let shown = format!("{error} {error:?}");
        assert!(
            shown.contains("the client secret") && shown.contains(why),
            "{shown}"
        );
        assert!(!shown.contains("CAN"), "{shown}");
    }

    #[rstest]
    #[case("a")]
    #[case("s e:c+r%e&t=")]
    #[case("\u{e9}\u{624b}")]
    fn any_other_text_passes(#[case] text: &str) {
        check_credential("client secret", text).expect(text);
    }
}
