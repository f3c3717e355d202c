//! The report as one page of HTML: no request to anywhere, readable without scripts.
//!
//! The tables are written here. What a click on a cell shows is put into the page as JSON and made
//! into elements by `page.js`, as text and never as markup. The page's own policy allows that one
//! script, by its hash, and nothing else.

mod attention;
mod citations;
mod covered;
mod data;
mod fate;
mod filters;
mod foot;
mod head;
mod matrix;
mod statements;
mod strip;
mod text;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use super::Run;
use super::said::{headline, printable};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The run as a page.
pub fn html(run: &Run) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content=(run.suite.id);
                link rel="icon" href="data:,";
                title { (run.subject.name) " " (headline(run)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#matrix" { "Skip to the matrix" }
                div id="page" {
                    (head::markup(run))
                    main {
                        (attention::markup(run))
                        (matrix::markup(run))
                        (citations::markup(run))
                        (covered::markup(run))
                    }
                    (foot::markup(run))
                }
                div id="panel" role="complementary" aria-labelledby="panel-title" hidden {}
                script type="application/json" id="data" { (PreEscaped(data::json(run))) }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    printable(&page.into_string())
}

/// The page's policy: its one script, by hash, and no address to load anything from.
fn policy() -> String {
    let hash = STANDARD.encode(Sha256::digest(SCRIPT.as_bytes()));
    format!(
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
         form-action 'none'; script-src 'sha256-{hash}'"
    )
}
