//! The report as a page. What it does in a browser is tested there: `conformance/browser`.

use base64::Engine as _;
use serde_json::Value;
use tegata_clients::naive::Bug;
use tegata_conformance::report::html;

use super::support::{HOSTILE, hostile, naive, ours, whole};

fn data(page: &str) -> Value {
    let (_, rest) = page
        .split_once("<script type=\"application/json\" id=\"data\">")
        .unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

#[tokio::test]
async fn the_page_is_small_the_same_each_time_and_asks_for_nothing() {
    let page = html(whole().await);
    assert!(page.len() < 1_500_000, "{} bytes", page.len());
    let again = html(&ours("marketo").await);
    assert_eq!(again, html(&ours("marketo").await));
    for part in [
        "src=\"",
        "@import",
        "url(",
        "<link rel=\"stylesheet",
        "fetch(",
    ] {
        assert!(!page.contains(part), "{part}");
    }
    let links = page.split("href=\"").skip(1);
    for link in links.filter_map(|rest| rest.split('"').next()) {
        assert!(link.starts_with('#') || link == "data:,", "{link}");
    }
}

#[tokio::test]
async fn every_case_and_failure_is_visible_without_a_script() {
    let run = naive(Bug::OldTokenAgain, "marketo.refused").await;
    let page = html(&run);
    for case in &run.cases {
        let row = format!("<tr id=\"{}\"", case.id);
        assert_eq!(page.matches(&row).count(), 1, "{row}");
    }
    let (_, attention) = page.split_once("id=\"failed\"").unwrap();
    let (attention, _) = attention.split_once("</section>").unwrap();
    assert_eq!(
        attention.matches("<li class=\"card fail\">").count(),
        run.summary.fail
    );
    assert!(
        attention.contains("Bearer <code>[token-1]</code>"),
        "{attention}"
    );
}

#[tokio::test]
async fn every_link_inside_the_page_leads_somewhere() {
    let page = html(&naive(Bug::OldTokenAgain, "marketo").await);
    let ids: std::collections::BTreeSet<&str> = page
        .split(" id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let links = page.split("href=\"#").skip(1);
    for link in links.filter_map(|rest| rest.split('"').next()) {
        // Citations name the cases of the whole suite; this run has those of one provider.
        let other = link.starts_with("jooto.") || link.starts_with("fujitsu-aispf.");
        assert!(other || ids.contains(link), "#{link}");
    }
}

#[tokio::test]
async fn hostile_text_is_neither_markup_nor_script() {
    let page = html(&hostile().await);
    assert_eq!(
        page.matches("<script").count(),
        2,
        "the data and the script"
    );
    assert_eq!(page.matches("</script>").count(), 2);
    assert!(!page.contains("alert(1)</"), "as markup");
    assert!(page.contains("&lt;script&gt;alert(1)"), "as text");
    assert!(!page.contains('\u{1}'), "a character that no page may hold");
    assert!(page.contains("|` \u{fffd}\u{2028}"), "is replaced");
    let data = data(&page);
    let texts = data["texts"].as_array().unwrap();
    let there = texts.iter().filter_map(Value::as_str);
    assert!(there.into_iter().any(|text| text == HOSTILE), "{texts:?}");
}

#[tokio::test]
async fn the_policy_allows_this_script_only() {
    let page = html(&ours("marketo.refused.602").await);
    let (_, rest) = page.split_once("</script><script>").unwrap();
    let (script, _) = rest.split_once("</script>").unwrap();
    let hash = tegata_conformance::citation::sha256(script.as_bytes());
    let bytes: Vec<u8> = (0..32)
        .map(|at| u8::from_str_radix(&hash[2 * at..2 * at + 2], 16).unwrap())
        .collect();
    let hash = base64::engine::general_purpose::STANDARD.encode(bytes);
    assert!(
        page.contains(&format!("script-src 'sha256-{hash}'\"")),
        "{hash}"
    );
    assert!(page.contains("default-src 'none'"));
}
