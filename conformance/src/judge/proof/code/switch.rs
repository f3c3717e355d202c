//! Code in which mistakes lie dormant until one of them is switched on, by its number, when the
//! program runs: so hundreds of them cost one build.
//!
//! Everything is an insertion, so that what is there stays as it is: `a == b` becomes
//! `(if switch(7) { a != b } else { a == b })`, and around that goes the next.

use std::ops::Range;

use super::CodeError;
use super::extent::Extents;
use super::listed::{Genre, Listed};

/// The variable that names the mistake that is made.
pub(super) const CHOSEN: &str = "TEGATA_MUTANT";

/// The variable that names a file to which the numbers of the mistakes go that were come across.
pub(super) const MET: &str = "TEGATA_MUTANTS_MET";

/// What is added to the crate at the bottom; all the others call it.
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
        let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
        std::io::Write::write_all(&mut file.unwrap(), format!("{{number}}\n").as_bytes()).unwrap();
    }}
    number == *CHOSEN
}}
"#
    )
}

/// A mistake in a file, dormant.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Dormant {
    number: usize,
    around: Range<usize>,
    before: String,
    after: &'static str,
}

/// A file with its mistakes, and where they are in it.
#[derive(Debug, Default)]
pub(super) struct Woven {
    pub(super) content: String,
    /// The number of a mistake, the bytes that were put in for it, and those that it is about.
    places: Vec<(usize, Range<usize>, Range<usize>)>,
}

/// One mistake as insertions, or nothing if it cannot be made when the program runs.
fn dormant(
    extents: &Extents,
    content: &str,
    switch: &str,
    number: usize,
    one: &Listed,
) -> Option<Dormant> {
    let at = one.at(content)?;
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
    let by = &one.replacement;
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
        Genre::StructField => {
            let field = extents.fields.get(&at.start)?;
            let wrong = format!("({}).{}", content.get(field.base.clone())?, field.name);
            instead(field.value.clone(), wrong)
        }
    }
}

/// Puts all of them into a file, each with its number; `switch` is how it is asked for. The second
/// result are the numbers of those that cannot be made when the program runs.
pub(super) fn weave(
    content: &str,
    switch: &str,
    all: &[(usize, &Listed)],
) -> Result<(Woven, Vec<usize>), CodeError> {
    let extents = Extents::of(content)?;
    let (mut inside, mut rigid) = (Vec::new(), Vec::new());
    for (number, one) in all {
        match dormant(&extents, content, switch, *number, one) {
            Some(dormant) => inside.push(dormant),
            None => rigid.push(*number),
        }
    }
    // What is longer goes around what is shorter.
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
    /// Which mistake a byte of the file belongs to: the one that was put in there, or else the
    /// smallest that is about it.
    pub(super) fn at(&self, byte: usize) -> Option<usize> {
        let put = self.places.iter().filter(|(_, put, _)| put.contains(&byte));
        let about = self
            .places
            .iter()
            .filter(|(_, _, about)| about.contains(&byte));
        let exact = put.min_by_key(|(_, put, _)| put.len());
        let near = about.min_by_key(|(_, _, about)| about.len());
        exact.or(near).map(|(number, _, _)| *number)
    }
}

#[cfg(test)]
mod tests {
    use super::super::listed::tests::listed;
    use super::*;

    fn woven(content: &str, all: &[Listed]) -> (String, Vec<usize>) {
        let numbered: Vec<_> = all.iter().enumerate().collect();
        let (woven, rigid) = weave(content, "s", &numbered).unwrap();
        (woven.content, rigid)
    }

    #[test]
    fn what_is_wrong_stands_beside_what_is_right() {
        let code = "fn f(a: u8) -> bool { a == 1 && !g(a) }";
        let all = [
            listed("FnValue", (1, 23), (1, 38), "true"),
            listed("BinaryOperator", (1, 25), (1, 27), "!="),
            listed("BinaryOperator", (1, 30), (1, 32), "||"),
            listed("UnaryOperator", (1, 33), (1, 34), ""),
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
            listed("MatchArm", (1, 29), (1, 41), ""),
            listed("MatchArm", (1, 42), (1, 61), ""),
            listed("MatchArmGuard", (1, 50), (1, 53), "true"),
            listed("StructField", (1, 71), (1, 75), ""),
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

    #[test]
    fn what_is_decided_when_it_is_built_stays_as_it_is() {
        let code = "const A: u8 = 1 + 1;\nconst fn f() -> u8 { 1 }\nfn g() { if let Some(a) = b() && a {} }";
        let all = [
            listed("BinaryOperator", (1, 17), (1, 18), "-"),
            listed("FnValue", (2, 22), (2, 23), "0"),
            listed("BinaryOperator", (3, 31), (3, 33), "||"),
        ];
        let (text, rigid) = woven(code, &all);
        assert_eq!((text.as_str(), rigid.as_slice()), (code, &[0, 1, 2][..]));
    }

    #[test]
    fn a_byte_belongs_to_the_smallest_mistake_around_it() {
        let code = "fn f() -> u8 { 1 + 2 * 3 }";
        let all = [
            listed("BinaryOperator", (1, 18), (1, 19), "-"),
            listed("BinaryOperator", (1, 22), (1, 23), "/"),
        ];
        let numbered: Vec<_> = all.iter().enumerate().collect();
        let (woven, _) = weave(code, "s", &numbered).unwrap();
        let at = |text: &str| woven.at(woven.content.find(text).unwrap());
        assert_eq!(at("1 - 2 * 3"), Some(0));
        assert_eq!(at("2 / 3"), Some(1));
        assert_eq!(at("1 + "), Some(0));
        assert_eq!(at("fn"), None);
    }
}
