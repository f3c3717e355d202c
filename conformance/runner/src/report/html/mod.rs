//! The report as one page of HTML: no request to anywhere, readable without scripts.
//!
//! The tables are written here. What a click on a cell shows is put into the page as JSON and made
//! into elements by `page.js`, as text and never as markup. The page's own policy allows that one
//! script, by its hash, and nothing else.

mod attention;
mod citations;
mod covered;
mod data;
mod head;
mod matrix;
mod text;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::said::headline;
use super::{Run, Subject, SubjectKind};
use text::{escaped, put};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The run as a page.
pub fn html(run: &Run) -> String {
    let mut page = String::with_capacity(1 << 20);
    let hash = STANDARD.encode(Sha256::digest(SCRIPT.as_bytes()));
    let title = format!("{} {}", run.subject.name, headline(run));
    put(
        &mut page,
        &[
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n",
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ",
            "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; ",
            "script-src 'sha256-",
            &hash,
            "'\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
            "<meta name=\"color-scheme\" content=\"light dark\">\n",
            "<meta name=\"generator\" content=\"",
            &escaped(&run.suite.id),
            "\">\n<link rel=\"icon\" href=\"data:,\">\n<title>",
            &escaped(&title),
            "</title>\n<style>",
            STYLE,
            "</style>\n</head>\n<body>\n",
            "<a class=\"skip\" href=\"#matrix\">Skip to the matrix</a>\n<div id=\"page\">\n",
        ],
    );
    head::write(&mut page, run);
    page.push_str("<main>\n");
    attention::write(&mut page, run);
    matrix::write(&mut page, run);
    citations::write(&mut page, run);
    covered::write(&mut page, run);
    page.push_str("</main>\n");
    foot(&mut page, run);
    put(
        &mut page,
        &[
            "</div>\n<div id=\"panel\" role=\"complementary\" aria-labelledby=\"panel-title\" hidden></div>\n",
            "<script type=\"application/json\" id=\"data\">",
            &data::json(run),
            "</script>\n<script>",
            SCRIPT,
            "</script>\n</body>\n</html>\n",
        ],
    );
    page
}

fn foot(page: &mut String, run: &Run) {
    let subject = &run.subject;
    put(
        page,
        &[
            "<footer>\n<dl>\n<div><dt>Suite</dt><dd>",
            &escaped(&run.suite.id),
            "</dd></div>\n<div><dt>Its data, sha256</dt><dd class=\"mono\">",
            &escaped(&run.suite.sha256),
            "</dd></div>\n<div><dt>Subject</dt><dd>",
            &escaped(&subject.name),
            ", ",
            subject.kind.word(),
            "</dd></div>\n",
        ],
    );
    if subject.kind == SubjectKind::Client {
        let features = features(subject);
        put(
            page,
            &[
                "<div><dt>Features it declares</dt><dd>",
                &escaped(&features),
                "</dd></div>\n",
            ],
        );
    }
    put(
        page,
        &[
            "</dl>\n<p>Secrets stand here by name, in square brackets; ",
            match subject.kind {
                SubjectKind::Client => {
                    "the hosts <code>main.invalid</code> and <code>other.invalid</code> are those \
                     that the suite listened on."
                }
                SubjectKind::Endpoint => "so does whatever the endpoint answered of its own.",
                SubjectKind::Recording => "so does every other value that the recording holds.",
            },
            " What sources say is told in our own words.</p>\n</footer>\n",
        ],
    );
}

/// What a client declares that it can do.
fn features(subject: &Subject) -> String {
    let features: Vec<String> = subject
        .features
        .iter()
        .filter_map(|feature| serde_json::to_value(feature).ok())
        .filter_map(|feature| feature.as_str().map(str::to_owned))
        .collect();
    if features.is_empty() {
        "none".to_owned()
    } else {
        features.join(", ")
    }
}
