//! No sentence of a vendor's document may be copied into the project.

/// The longest run of characters that a paraphrase may share with a document: names and paths
/// are shorter, sentences longer.
const LONGEST: usize = 40;

/// A run of the paraphrase that is a quotation from the document.
pub(super) fn copied<'p>(paraphrase: &'p str, document: &str) -> Option<&'p str> {
    let starts: Vec<usize> = paraphrase
        .char_indices()
        .map(|(at, _)| at)
        .chain([paraphrase.len()])
        .collect();
    starts
        .windows(LONGEST + 1)
        .map(|window| &paraphrase[window[0]..window[LONGEST]])
        .find(|run| document.contains(run))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forty_characters_of_the_document_are_too_many() {
        let document = "before 0123456789012345678901234567890123456789 after";
        let long = "x 0123456789012345678901234567890123456789 x";
        assert_eq!(
            copied(long, document),
            Some(" 012345678901234567890123456789012345678")
        );
        assert_eq!(
            copied("012345678901234567890123456789012345678", document),
            None
        );
        assert_eq!(copied("é", document), None);
    }
}
