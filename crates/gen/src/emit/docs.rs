//! Doc comments that rustdoc reads without a warning, whatever a spec's author wrote.

use proc_macro2::TokenStream;
use quote::quote;
use syn::visit_mut::VisitMut;
use syn::{Attribute, Expr, Lit, Meta};

use crate::text::{is_refused, printable};

/// Text for a doc comment or a table: nothing in it is a link, a tag, a heading or a code block.
pub fn escape(text: &str) -> String {
    printable(text)
        .lines()
        .map(|line| escape_line(line.trim()))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Text as one line.
pub fn one_line(text: &str) -> String {
    escape(&words(text))
}

/// A name as code.
pub(crate) fn code(name: &str) -> String {
    match words(name).replace('`', "") {
        name if name.is_empty() => "(without a name)".to_owned(),
        name => format!("`{name}`"),
    }
}

/// Text without line breaks, which would end a comment.
pub(crate) fn words(text: &str) -> String {
    let is_break = |it: char| it.is_whitespace() || is_refused(it);
    let words: Vec<&str> = text.split(is_break).filter(|it| !it.is_empty()).collect();
    words.join(" ")
}

/// Takes what rustc refuses out of every doc comment.
pub(crate) fn clean_all(file: &mut syn::File) {
    CleanAll.visit_file_mut(file);
}

struct CleanAll;

impl VisitMut for CleanAll {
    fn visit_attribute_mut(&mut self, attribute: &mut Attribute) {
        if let Some(text) = doc_text(attribute).filter(|it| it.contains(is_refused)) {
            let text = text.replace(is_refused, " ");
            attribute.meta = syn::parse_quote!(doc = #text);
        }
    }
}

/// The attributes of a doc comment, one a line, so that it is printed as `///`.
pub fn comment(text: &str) -> TokenStream {
    let text = printable(text);
    let lines = text.lines().map(|line| match line {
        "" => String::new(),
        line => format!(" {line}"),
    });
    quote! { #(#[doc = #lines])* }
}

/// Escapes every doc comment of a file that progenitor wrote.
pub(crate) fn escape_all(file: &mut syn::File) {
    EscapeAll.visit_file_mut(file);
}

struct EscapeAll;

impl VisitMut for EscapeAll {
    fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
        *attributes = attributes.drain(..).flat_map(escape_attribute).collect();
    }
}

fn escape_attribute(attribute: Attribute) -> Vec<Attribute> {
    let Some(text) = doc_text(&attribute) else {
        return vec![attribute];
    };
    let text = escape(text.trim_end());
    // `lines` finds none in an empty text, but an empty line parts two paragraphs.
    text.split('\n')
        .map(|line| {
            let line = if line.is_empty() {
                String::new()
            } else {
                format!(" {line}")
            };
            let mut copy = attribute.clone();
            copy.meta = syn::parse_quote!(doc = #line);
            copy
        })
        .collect()
}

fn doc_text(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else {
        return None;
    };
    if !pair.path.is_ident("doc") {
        return None;
    }
    match &pair.value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

fn escape_line(line: &str) -> String {
    let line = &without_gaps(line);
    let keeps_code = line.matches('`').count().is_multiple_of(2) && !line.contains("``");
    if !keeps_code {
        return escape_words(&line.replace('`', "\\`"), true);
    }
    let mut escaped = String::new();
    for (index, part) in line.split('`').enumerate() {
        if index > 0 {
            escaped.push('`');
        }
        if index % 2 == 1 {
            escaped.push_str(part);
        } else {
            escaped.push_str(&escape_words(part, index == 0));
        }
    }
    escaped
}

/// Five blanks after the mark of a list begin a code block.
fn without_gaps(line: &str) -> String {
    if !line.contains("     ") {
        return line.to_owned();
    }
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn escape_words(text: &str, starts_line: bool) -> String {
    let is_fence = text.contains("~~~");
    let mut escaped = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        if let Some(length) = url_length(rest) {
            escaped.push('<');
            escaped.push_str(&rest[..length]);
            escaped.push('>');
            rest = &rest[length..];
            continue;
        }
        let is_heading = starts_line && next == '#' && escaped.is_empty();
        if matches!(next, '[' | ']' | '<' | '>') || is_heading || is_fence && next == '~' {
            escaped.push('\\');
        }
        escaped.push(next);
        rest = &rest[next.len_utf8()..];
    }
    escaped
}

/// The length of the URL that the text starts with.
fn url_length(text: &str) -> Option<usize> {
    if !text.starts_with("https://") && !text.starts_with("http://") {
        return None;
    }
    let end = text
        .find(|c: char| c.is_whitespace() || !c.is_ascii() || "<>()[]\"`\\".contains(c))
        .unwrap_or(text.len());
    Some(
        text[..end]
            .trim_end_matches(['.', ',', ';', ':', '!', '?'])
            .len(),
    )
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("plain words, `code <T>` and more", "plain words, `code <T>` and more")]
    #[case("an [unknown] link", "an \\[unknown\\] link")]
    #[case("a <b> tag", "a \\<b\\> tag")]
    #[case("see https://example.com/a?b=c.", "see <https://example.com/a?b=c>.")]
    #[case("`https://{id}.example.com`", "`https://{id}.example.com`")]
    #[case("an odd ` tick", "an odd \\` tick")]
    #[case("```rust", "\\`\\`\\`rust")]
    #[case("    indented", "indented")]
    #[case("# heading", "\\# heading")]
    #[case("~~~rust", "\\~\\~\\~rust")]
    #[case("1. ~~~", "1. \\~\\~\\~")]
    #[case("~5 `~~~`", "~5 `~~~`")]
    #[case("-      code", "- code")]
    #[case("a\rb", "a b")]
    #[case("a\r\nb", "a\nb")]
    #[case("a\u{202E}b\u{2066}c\u{1b}d\u{9b}e\0f", "a b c d e f")]
    #[case("a\u{200F}\u{3000}b", "a\u{200F}\u{3000}b")]
    #[case("a # b", "a # b")]
    fn a_line_is_made_harmless(#[case] line: &str, #[case] escaped: &str) {
        assert_eq!(escape(line), escaped);
    }

    #[test]
    fn a_comment_of_many_lines_becomes_one_attribute_a_line() {
        let mut file: syn::File = syn::parse_quote! {
            #[doc = "one [x]\n\ntwo */"]
            #[doc = ""]
            #[doc = "three"]
            struct A;
        };
        escape_all(&mut file);
        let text = prettyplease::unparse(&file);
        assert_eq!(
            text,
            "/// one \\[x\\]\n///\n/// two */\n///\n/// three\nstruct A;\n"
        );
    }
}
