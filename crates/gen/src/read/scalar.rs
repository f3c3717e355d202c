//! What a plain scalar is, by the core schema of YAML 1.2: `on`, `yes` and `no` are texts.

use crate::node::Value;

pub(super) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => number(text).map_or_else(|| Value::Text(text.to_owned()), Value::Number),
    }
}

/// The number as JSON writes it.
fn number(text: &str) -> Option<String> {
    for (prefix, base) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            return Some(u128::from_str_radix(digits, base).ok()?.to_string());
        }
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
    // A leading zero is kept as text: it is a code more often than a number.
    let is_code = whole.len() > 1 && whole.starts_with('0');
    if !digits(whole) || !digits(fraction) || whole.len() + fraction.len() == 0 || is_code {
        return None;
    }
    if let Some(exponent) = exponent {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if exponent.is_empty() || !digits(exponent) {
            return None;
        }
    }
    Some(text.trim_start_matches('+').to_owned())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("on", Value::Text("on".into()))]
    #[case("yes", Value::Text("yes".into()))]
    #[case("no", Value::Text("no".into()))]
    #[case("017", Value::Text("017".into()))]
    #[case("1_000", Value::Text("1_000".into()))]
    #[case("2026-11-28", Value::Text("2026-11-28".into()))]
    #[case("1.", Value::Number("1.".into()))]
    #[case(".", Value::Text(".".into()))]
    #[case("-", Value::Text("-".into()))]
    #[case("e5", Value::Text("e5".into()))]
    #[case("0x1F", Value::Number("31".into()))]
    #[case("0o17", Value::Number("15".into()))]
    #[case("18446744073709552000", Value::Number("18446744073709552000".into()))]
    #[case("-1.5e-3", Value::Number("-1.5e-3".into()))]
    #[case("~", Value::Null)]
    #[case("True", Value::Bool(true))]
    fn a_plain_scalar_is_what_yaml_1_2_says(#[case] text: &str, #[case] value: Value) {
        assert_eq!(plain(text), value);
    }
}
