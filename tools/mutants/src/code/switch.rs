//! Code in which mutants lie dormant until one of them is switched on, by its number, when the
//! program runs: so hundreds of them cost one build.
//!
//! Mutants are only insertions, so that the code itself is unchanged: `a == b` becomes `(if switch(7) { a != b
//! } else { a == b })`, and around that goes the next.

use std::ops::Range;

use super::CodeError;
use super::extent::Extents;
use super::mutant::{Genre, Mutant};

/// The variable that names the active mutant.
pub(super) const CHOSEN: &str = "TEGATA_MUTANT";

/// The variable that names a file for the numbers of the mutants that were reached.
pub(super) const MET: &str = "TEGATA_MUTANTS_MET";

/// What is added to the crate at the bottom. All the others call it, so it is `pub`.
pub(super) fn switch(count: usize) -> String {
    format!(
        r#"
#[doc(hidden)]
pub fn __switch(number: usize) -> bool {{
    use std::sync::LazyLock;
    use std::sync::atomic::{{AtomicBool, Ordering}};
    static CHOSEN: LazyLock<usize> = LazyLock::new(|| {{
        std::env::var("{CHOSEN}").ok().and_then(|text| text.parse().ok()).unwrap_or(usize::MAX)
    }});
    static MET: LazyLock<Option<std::ffi::OsString>> = LazyLock::new(|| std::env::var_os("{MET}"));
    static SEEN: [AtomicBool; {count}] = [const {{ AtomicBool::new(false) }}; {count}];
    if let Some(path) = &*MET
        && !SEEN[number].swap(true, Ordering::Relaxed)
    {{
        // Some tests start themselves as another user, who may not have access.
        if let Ok(mut file) = std::fs::OpenOptions::new().append(true).create(true).open(path) {{
            std::io::Write::write_all(&mut file, format!("{{number}}\n").as_bytes()).unwrap();
        }}
    }}
    number == *CHOSEN
}}
"#
    )
}

/// A mutant in a file, dormant.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Dormant {
    number: usize,
    around: Range<usize>,
    before: String,
    after: &'static str,
}

/// A file with its mutants, and where they are in it.
#[derive(Debug, Default)]
pub(super) struct Woven {
    pub(super) content: String,
    /// The number of a mutant, its inserted bytes, and the bytes that it replaces.
    places: Vec<(usize, Range<usize>, Range<usize>)>,
}

/// One mutant as insertions, or `None` if it cannot be switched at run time.
fn dormant(
    extents: &Extents,
    content: &str,
    switch: &str,
    number: usize,
    one: &Mutant,
) -> Option<Dormant> {
    let at = one.edit.at.clone();
    if extents.is_rigid(at.start) {
        return None;
    }
    let on = format!("{switch}({number})");
    let made = |around: Range<usize>, before: String, after| {
        Some(Dormant {
            number,
            around,
            before,
            after,
        })
    };
    let instead =
        |around, wrong: String| made(around, format!("(if {on} {{ {wrong} }} else {{ "), " })");
    let by = &one.edit.by;
    match one.genre {
        Genre::FnValue => {
            // It stands before all else that begins there.
            let (before, around) = (format!("if {on} {{ return {by}; }} "), at.start..usize::MAX);
            made(around, before, "")
        }
        Genre::BinaryOperator => {
            let binary = extents.binary.get(&at.start)?;
            let text = |of: &Range<usize>| content.get(of.clone()).unwrap_or_default();
            let wrong = format!("{} {by} {}", text(&binary.left), text(&binary.right));
            instead(binary.whole.clone(), wrong)
        }
        Genre::UnaryOperator => {
            let (whole, operand) = extents.unary.get(&at.start)?;
            instead(
                whole.clone(),
                format!("{by}{}", content.get(operand.clone())?),
            )
        }
        Genre::MatchArmGuard => {
            let word = match by.as_str() {
                "true" => format!("({on} || ("),
                "false" => format!("(!{on} && ("),
                _ => return None,
            };
            made(at, word, "))")
        }
        Genre::MatchArm => match extents.arms.get(&at.start)? {
            (end, None) => made(*end..*end, format!(" if !{on} "), ""),
            (_, Some(guard)) => made(guard.clone(), format!("(!{on} && ("), "))"),
        },
        Genre::Name => {
            // The place is that of the text, without its quotation marks.
            let text = at.start.checked_sub(1)?..at.end + 1;
            if !extents.texts.contains(&text) {
                return None;
            }
            instead(text, format!("\"{by}\""))
        }
        Genre::StructField => {
            let field = extents.fields.get(&at.start)?;
            let wrong = format!("({}).{}", content.get(field.base.clone())?, field.name);
            instead(field.value.clone(), wrong)
        }
    }
}

/// Puts all of them into a file, each with its number; `switch` is the function to call. The second result is
/// the numbers of those that cannot be switched at run time.
pub(super) fn weave(
    content: &str,
    switch: &str,
    all: &[(usize, &Mutant)],
) -> Result<(Woven, Vec<usize>), CodeError> {
    let extents = Extents::of(content)?;
    let (mut inside, mut rigid) = (Vec::new(), Vec::new());
    for (number, one) in all {
        match dormant(&extents, content, switch, *number, one) {
            Some(dormant) => inside.push(dormant),
            None => rigid.push(*number),
        }
    }
    // Longer mutants go around shorter ones.
    inside.sort_by_key(|one| {
        (
            one.around.start,
            std::cmp::Reverse(one.around.end),
            one.number,
        )
    });
    Ok((insert(content, &inside), rigid))
}

fn insert(content: &str, inside: &[Dormant]) -> Woven {
    let mut woven = Woven::default();
    let mut open: Vec<(&Dormant, Range<usize>)> = Vec::new();
    let mut from = 0;
    let mut close_until =
        |woven: &mut Woven, open: &mut Vec<(&Dormant, Range<usize>)>, to: usize| {
            while let Some((one, put)) = open.pop_if(|(one, _)| one.around.end <= to) {
                woven.content.push_str(&content[from..one.around.end]);
                from = one.around.end;
                woven.content.push_str(one.after);
                let whole = put.start..woven.content.len();
                woven.places.push((one.number, put, whole));
            }
            woven.content.push_str(&content[from..to]);
            from = to;
        };
    for one in inside {
        close_until(&mut woven, &mut open, one.around.start);
        let start = woven.content.len();
        woven.content.push_str(&one.before);
        let put = start..woven.content.len();
        if one.around.end == usize::MAX {
            woven.places.push((one.number, put.clone(), put));
        } else {
            open.push((one, put));
        }
    }
    close_until(&mut woven, &mut open, content.len());
    woven
}

impl Woven {
    /// The mutant for which this byte of the file was inserted.
    pub(super) fn at(&self, byte: usize) -> Option<usize> {
        let put = self.places.iter().filter(|(_, put, _)| put.contains(&byte));
        let exact = put.min_by_key(|(_, put, _)| put.len());
        exact.map(|(number, _, _)| *number)
    }

    /// The smallest mutant whose range includes this byte of the file.
    pub(super) fn near(&self, byte: usize) -> Option<usize> {
        let about = self
            .places
            .iter()
            .filter(|(_, _, about)| about.contains(&byte));
        let near = about.min_by_key(|(_, _, about)| about.len());
        near.map(|(number, _, _)| *number)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Edit;
    use super::super::listed::tests::mutant;
    use super::*;

    fn woven(content: &str, all: &[Mutant]) -> (String, Vec<usize>) {
        let numbered: Vec<_> = all.iter().enumerate().collect();
        let (woven, rigid) = weave(content, "s", &numbered).unwrap();
        (woven.content, rigid)
    }

    #[test]
    fn wrong_and_right_expressions_are_woven_side_by_side() {
        let code = "fn f(a: u8) -> bool { a == 1 && !g(a) }";
        let all = [
            mutant(code, "FnValue", (1, 23), (1, 38), "true"),
            mutant(code, "BinaryOperator", (1, 25), (1, 27), "!="),
            mutant(code, "BinaryOperator", (1, 30), (1, 32), "||"),
            mutant(code, "UnaryOperator", (1, 33), (1, 34), ""),
        ];
        assert_eq!(
            woven(code, &all).0,
            "fn f(a: u8) -> bool { if s(0) { return true; } (if s(2) { a == 1 || !g(a) } else { \
             (if s(1) { a != 1 } else { a == 1 }) && (if s(3) { g(a) } else { !g(a) }) }) }"
        );
    }

    #[test]
    fn arms_guards_and_fields_can_be_wrong() {
        let code = "fn f(a: A) -> B { match a { A::X => y(), A::Z if q() => z(), _ => B { c: 1, ..B::d() } } }";
        let all = [
            mutant(code, "MatchArm", (1, 29), (1, 41), ""),
            mutant(code, "MatchArm", (1, 42), (1, 61), ""),
            mutant(code, "MatchArmGuard", (1, 50), (1, 53), "true"),
            mutant(code, "StructField", (1, 71), (1, 75), ""),
        ];
        let (text, rigid) = woven(code, &all);
        assert!(text.contains("A::X if !s(0)  => y()"), "{text}");
        assert!(
            text.contains("A::Z if (!s(1) && ((s(2) || (q()))))"),
            "{text}"
        );
        assert!(
            text.contains("c: (if s(3) { (B::d()).c } else { 1 }), ..B::d()"),
            "{text}"
        );
        assert!(rigid.is_empty(), "{rigid:?}");
    }

    /// Another name in the place of this one.
    fn name(code: &str, text: &str) -> Mutant {
        let start = code.find(&format!("\"{text}\"")).unwrap() + 1;
        let edit = Edit {
            name: text.to_owned(),
            file: "a.rs".into(),
            at: start..start + text.len(),
            by: "other".to_owned(),
        };
        Mutant {
            edit,
            genre: Genre::Name,
        }
    }

    #[test]
    fn a_name_can_be_wrong_where_it_is_a_value() {
        let code = "fn f(a: &str) -> &str { g(\"b\"); \"c\" }";
        assert_eq!(
            woven(code, &[name(code, "b"), name(code, "c")]).0,
            "fn f(a: &str) -> &str { g((if s(0) { \"other\" } else { \"b\" })); \
             (if s(1) { \"other\" } else { \"c\" }) }"
        );
    }

    #[test]
    fn a_name_can_be_mutated_within_other_mutants() {
        let code = "fn f(a: &str) -> bool { a == \"b\" }";
        let all = [
            mutant(code, "FnValue", (1, 25), (1, 33), "true"),
            mutant(code, "BinaryOperator", (1, 27), (1, 29), "!="),
            name(code, "b"),
        ];
        assert_eq!(
            woven(code, &all).0,
            "fn f(a: &str) -> bool { if s(0) { return true; } (if s(1) { a != \"b\" } else { \
             a == (if s(2) { \"other\" } else { \"b\" }) }) }"
        );
    }

    #[test]
    fn names_in_attributes_macros_constants_and_patterns_stay() {
        let code = "#[serde(rename = \"a\")] struct A; const B: &str = \"b\";\n\
            fn f() { g!(\"c\"); match h { \"d\" | \"e\" => {} (\"f\", _) => {} } }\n\
            trait I { const J: &str = \"j\"; } fn k() { const { l(\"l\") } }";
        let all = ["a", "b", "c", "d", "e", "f", "j", "l"].map(|text| name(code, text));
        let (text, rigid) = woven(code, &all);
        assert_eq!(
            (text.as_str(), rigid.as_slice()),
            (code, &[0, 1, 2, 3, 4, 5, 6, 7][..])
        );
    }

    #[test]
    fn constant_contexts_stay_unchanged() {
        let code = "const A: u8 = 1 + 1;\nconst fn f() -> u8 { 1 }\nfn g() { if let Some(a) = b() && a {} }";
        let all = [
            mutant(code, "BinaryOperator", (1, 17), (1, 18), "-"),
            mutant(code, "FnValue", (2, 22), (2, 23), "0"),
            mutant(code, "BinaryOperator", (3, 31), (3, 33), "||"),
        ];
        let (text, rigid) = woven(code, &all);
        assert_eq!((text.as_str(), rigid.as_slice()), (code, &[0, 1, 2][..]));
    }

    #[test]
    fn a_byte_belongs_to_its_mutant_or_to_the_smallest_around_it() {
        let code = "fn f() -> u8 { 1 + 2 * 3 }";
        let all = [
            mutant(code, "BinaryOperator", (1, 18), (1, 19), "-"),
            mutant(code, "BinaryOperator", (1, 22), (1, 23), "/"),
        ];
        let numbered: Vec<_> = all.iter().enumerate().collect();
        let (woven, _) = weave(code, "s", &numbered).unwrap();
        let byte = |text: &str| woven.content.find(text).unwrap();
        let both = |text: &str| (woven.at(byte(text)), woven.near(byte(text)));
        assert_eq!(both("1 - 2 * 3"), (Some(0), Some(0)));
        assert_eq!(both("2 / 3"), (Some(1), Some(1)));
        assert_eq!(both("1 + "), (None, Some(0)));
        assert_eq!(both("2 * 3 })"), (None, Some(1)));
        assert_eq!(both("fn"), (None, None));
    }
}
