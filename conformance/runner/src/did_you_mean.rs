//! Suggestions for a mistyped name.

use similar::get_close_matches;

/// The known name that is most like one that is not known, if any is like it.
pub(crate) fn did_you_mean<'k>(
    name: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Option<&'k str> {
    let known: Vec<&str> = known.into_iter().collect();
    get_close_matches(name, &known, 1, 0.7).first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_name_has_a_suggestion_and_a_strange_one_has_none() {
        let known = ["api-key", "clock", "marketo.refused.602"];
        assert_eq!(did_you_mean("clok", known), Some("clock"));
        assert_eq!(
            did_you_mean("marketo.refused.60", known),
            Some("marketo.refused.602")
        );
        assert_eq!(did_you_mean("apikey", known), Some("api-key"));
        assert_eq!(did_you_mean("refresh", known), None);
        assert_eq!(did_you_mean("", known), None);
    }
}
