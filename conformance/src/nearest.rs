//! What somebody may have meant.

/// The known word that is nearest to one that is not known, if any is near at all: by the number
/// of characters to insert, drop or replace.
pub(crate) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let most = word.chars().count() / 3;
    known
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= most.max(1))
        .min()
        .map(|(_, candidate)| candidate)
}

fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, left) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, right) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(left != *right);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_mended_and_a_strange_word_is_not() {
        let known = ["api-key", "clock", "marketo.refused.602"];
        assert_eq!(nearest("clok", known), Some("clock"));
        assert_eq!(
            nearest("marketo.refused.60", known),
            Some("marketo.refused.602")
        );
        assert_eq!(nearest("apikey", known), Some("api-key"));
        assert_eq!(nearest("refresh", known), None);
        assert_eq!(nearest("", known), None);
    }

    #[test]
    fn the_distance_counts_single_characters() {
        for (one, other, expected) in [
            ("", "ab", 2),
            ("ab", "ab", 0),
            ("abc", "axc", 1),
            ("abc", "bc", 1),
        ] {
            assert_eq!(distance(one, other), expected, "{one} {other}");
        }
    }
}
