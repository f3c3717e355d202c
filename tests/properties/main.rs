//! Properties that hold for any text, any answer and any order of events.

mod answers;
mod encoder;
mod headers;
mod schedules;
mod schema;
mod specs;
mod types;
mod wire;

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

/// So many cases, or as many as `PROPTEST_CASES` says. What failed once is kept beside the source.
fn cases(cases: u32) -> ProptestConfig {
    let failures = FileFailurePersistence::WithSource("regressions");
    let mut config = ProptestConfig {
        failure_persistence: Some(Box::new(failures)),
        ..ProptestConfig::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    config
}

/// A runtime for all cases of a test.
fn runtime() -> tokio::runtime::Runtime {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().expect("a runtime")
}

/// Any text at all, often of characters that some encoding treats in a way of its own.
fn text() -> impl Strategy<Value = String> {
    let special = prop::sample::select(
        " +%&=:;,/?#[]@!$'()*-._~\"\\<>^`{|}\t\r\n\u{0}\u{7f}\u{80}é手\u{2028}\u{1f600}"
            .chars()
            .collect::<Vec<_>>(),
    );
    let character =
        prop_oneof![3 => special, 1 => any::<char>(), 2 => "[0-9A-Za-z]".prop_map(first)];
    prop::collection::vec(character, 1..24).prop_map(String::from_iter)
}

/// Any text that can be a client id or a client secret.
fn credential_text() -> impl Strategy<Value = String> {
    let is_good = |text: &String| tegata::provider::check_credential("text", text).is_ok();
    prop_oneof![3 => text().prop_filter("no credential", is_good), 1 => "[!-~]{1,24}"]
}

#[allow(
    clippy::needless_pass_by_value,
    reason = "a strategy hands over its values"
)]
fn first(text: String) -> char {
    text.chars().next().unwrap_or('x')
}
