//! The report as `JUnit` XML.

use roxmltree::{Document, Node};
use tegata_clients::naive::Bug;
use tegata_conformance::case::Level;
use tegata_conformance::report::{CaseReport, Check, Run, Subject, junit};

use super::jenkins::refused;
use super::support::{self, HOSTILE, hostile, naive, ours, suite};

fn cases<'a>(document: &'a Document<'a>) -> Vec<Node<'a, 'a>> {
    let all = document.descendants();
    all.filter(|node| node.has_tag_name("testcase")).collect()
}

fn child<'a>(node: Node<'a, 'a>, name: &str) -> Option<Node<'a, 'a>> {
    node.children().find(|child| child.has_tag_name(name))
}

#[tokio::test]
async fn each_case_is_a_test_case_and_the_counts_are_theirs() {
    let run = naive(Bug::OldTokenAgain, "marketo.refused").await;
    let xml = junit(&run).unwrap();
    let document = Document::parse(&xml).unwrap();
    let cases = cases(&document);
    assert_eq!(cases.len(), run.summary.cases);
    let with = |name: &str| {
        cases
            .iter()
            .filter(|case| child(**case, name).is_some())
            .count()
    };
    assert_eq!(with("failure"), run.summary.fail);
    assert_eq!(with("skipped"), run.summary.not_applicable);
    assert_eq!(with("system-out"), run.summary.warn + run.summary.info);
    let suites = document.root_element();
    let suite = child(suites, "testsuite").unwrap();
    for (node, name, number) in [
        (suites, "tests", run.summary.cases),
        (suites, "failures", run.summary.fail),
        (suite, "skipped", run.summary.not_applicable),
    ] {
        assert_eq!(node.attribute(name), Some(number.to_string().as_str()));
    }
}

#[tokio::test]
async fn jenkins_takes_the_file() {
    let suite = suite();
    let case = "marketo.refused.602";
    let timed = support::result(suite, case, support::transcript(suite, case).await);
    let timed = timed.took(std::time::Duration::from_millis(61_234));
    for run in [
        ours("").await,
        naive(Bug::OldTokenAgain, "").await,
        hostile().await,
        Run::of(suite, Subject::client("skipped=\"0\"", &[]), [timed]).unwrap(),
    ] {
        assert_eq!(refused(&junit(&run).unwrap()), Vec::<String>::new());
    }
}

#[test]
fn a_message_is_one_line_and_the_text_has_the_rest() {
    let check = |name: &str| Check {
        id: format!("marketo.refused.602#{name}"),
        passed: false,
        expected: "one\r\n  two".to_owned(),
        seen: "a\nb".to_owned(),
    };
    let checks = vec![check("again.credential"), check("again.sent")];
    let report = CaseReport::of("marketo.refused.602", Level::Must, checks);
    let run = Run::of(suite(), Subject::client("x\ny", &[]), [report]).unwrap();
    let xml = junit(&run).unwrap();
    assert_eq!(refused(&xml), Vec::<String>::new());
    let document = Document::parse(&xml).unwrap();
    let failure = child(cases(&document)[0], "failure").unwrap();
    let message = "again.credential: expected one two, saw a b; 1 more check failed";
    assert_eq!(failure.attribute("message"), Some(message));
    // A parser makes a blank of a line break that is not escaped.
    assert!(xml.contains(&format!("message=\"{message}\"")), "{xml}");
    let text = failure.text().unwrap();
    assert!(text.contains("marketo.refused.602#again.sent"), "{text}");
}

#[test]
fn what_jenkins_refuses_is_found() {
    let testcase = "<testcase name='x'><failure message='a&#10;b'/></testcase>";
    let suite =
        format!("<testsuite name='x' tests='1' errors='0' time='1s'>{testcase}</testsuite>");
    let xml = format!("<testsuites skipped='0'>{suite}<property/></testsuites>");
    let problems = refused(&xml);
    for problem in [
        "<testsuites> has skipped",
        "<property> stands in <testsuites>",
        "<testsuite> has the time 1s",
        "<testsuite> lacks failures",
        "<property> lacks name",
        "<property> lacks value",
        "<failure> has several lines as message",
    ] {
        assert!(
            problems.iter().any(|one| one == problem),
            "{problem}: {problems:?}"
        );
    }
    assert_eq!(problems.len(), 7, "{problems:?}");
}

#[tokio::test]
async fn a_failure_names_check_expectation_and_citation() {
    let run = naive(Bug::OldTokenAgain, "marketo.refused.602").await;
    let xml = junit(&run).unwrap();
    let document = Document::parse(&xml).unwrap();
    let failure = child(cases(&document)[0], "failure").unwrap();
    assert_eq!(failure.attribute("type"), Some("must"));
    let message = "again.credential: expected authorization: Bearer `[token-2]`, \
                   saw authorization: Bearer `[token-1]`";
    assert_eq!(failure.attribute("message"), Some(message));
    let text = failure.text().unwrap();
    for part in [
        "marketo.refused.602#again.credential",
        "expected: authorization: Bearer `[token-2]`",
        "seen:     authorization: Bearer `[token-1]`",
        "MK-renew-on-601-602 (marketo.ja line 75): On either code",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[tokio::test]
async fn a_case_that_is_skipped_says_why() {
    let xml = junit(&ours("marketo.endpoint.602").await).unwrap();
    let document = Document::parse(&xml).unwrap();
    let skipped = child(cases(&document)[0], "skipped").unwrap();
    assert_eq!(skipped.attribute("message"), Some("it judges endpoints"));
}

#[tokio::test]
async fn hostile_text_stays_text() {
    let xml = junit(&hostile().await).unwrap();
    let document = Document::parse(&xml).unwrap_or_else(|error| panic!("{error}\n{xml}"));
    let names: Vec<_> = document
        .descendants()
        .filter(Node::is_element)
        .map(|node| node.tag_name().name().to_owned())
        .filter(|name| name == "script")
        .collect();
    assert!(names.is_empty(), "{names:?}");
    let subject = document
        .descendants()
        .find(|node| node.attribute("name") == Some("subject"))
        .and_then(|node| node.attribute("value"));
    // XML 1.0 cannot hold the control character.
    assert_eq!(subject, Some(HOSTILE.replace('\u{1}', "\u{fffd}").as_str()));
}
