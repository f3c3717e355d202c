//! The other three coverage numbers in full: operations, fields, mutants.

use super::head::rate;
use super::text::{escaped, number, put, vendor};
use crate::report::{Kills, Part, Run};

pub(super) fn write(page: &mut String, run: &Run) {
    page.push_str("<div class=\"pair\">\n");
    operations(page, run);
    fields(page, run);
    page.push_str("</div>\n");
    mutants(page, run);
}

fn operations(page: &mut String, run: &Run) {
    page.push_str(
        "<section id=\"operations\">\n<h2>Operations and statuses</h2>\n<p class=\"hint\">Statuses that a \
         document, an RFC or the vendor vouches for. Hollow: did not come up in this run.</p>\n\
         <table class=\"list\"><tbody>\n",
    );
    let mut before = None;
    for entry in &run.coverage.operations.list {
        group(page, &mut before, (vendor(entry.provider), None), "2");
        put(
            page,
            &[
                "<tr><th scope=\"row\"><span class=\"mono\">",
                &escaped(&entry.operation),
                "</span></th><td>",
            ],
        );
        for (status, came_up) in &entry.statuses {
            let (state, word) = if *came_up {
                ("on", "came up")
            } else {
                ("off", "did not come up")
            };
            put(
                page,
                &[
                    "<span class=\"chip ",
                    state,
                    "\" title=\"",
                    word,
                    "\">",
                    &status.to_string(),
                    "</span>",
                ],
            );
        }
        page.push_str("</td></tr>\n");
    }
    page.push_str("</tbody></table>\n</section>\n");
}

fn fields(page: &mut String, run: &Run) {
    page.push_str(
        "<section id=\"fields\">\n<h2>Fields of requests</h2>\n<p class=\"hint\">Is the value looked at, and \
         would its absence (or presence, where it is forbidden) and a wrong value be noticed?</p>\n\
         <table class=\"list three\"><thead><tr><th scope=\"col\">Field</th><th scope=\"col\">right</th>\
         <th scope=\"col\">missing</th><th scope=\"col\">wrong</th></tr></thead><tbody>\n",
    );
    let mut before = None;
    for field in &run.coverage.fields.list {
        let key = (vendor(field.provider), Some(field.operation.as_str()));
        group(page, &mut before, key, "4");
        put(
            page,
            &[
                "<tr><th scope=\"row\"><small>",
                &escaped(&field.place),
                "</small> <span class=\"mono\">",
                &escaped(&field.name),
                "</span></th>",
            ],
        );
        for on in [field.exact, field.absent, field.wrong] {
            page.push_str(if on {
                "<td class=\"yes\">✓</td>"
            } else {
                "<td class=\"no\">–</td>"
            });
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody></table>\n</section>\n");
}

type Group<'r> = (&'static str, Option<&'r str>);

/// A row that names the group, where a new one begins.
fn group<'r>(page: &mut String, before: &mut Option<Group<'r>>, key: Group<'r>, columns: &str) {
    if before.replace(key) == Some(key) {
        return;
    }
    put(
        page,
        &[
            "<tr class=\"g\"><th scope=\"rowgroup\" colspan=\"",
            columns,
            "\"><b>",
            key.0,
            "</b>",
        ],
    );
    if let Some(operation) = key.1 {
        put(
            page,
            &[" <span class=\"mono\">", &escaped(operation), "</span>"],
        );
    }
    page.push_str("</th></tr>\n");
}

fn mutants(page: &mut String, run: &Run) {
    page.push_str(
        "<section id=\"mutants\">\n<h2>Proof that the suite can fail</h2>\n<p class=\"hint\">Each wire mutant \
         changes one thing in an exchange that conforms, and must be noticed by the check that is \
         named for it; that some other check notices does not count.</p>\n<div class=\"scroll\">\
         <table class=\"rows kills\"><thead><tr><th scope=\"col\">Part</th><th scope=\"col\">What its checks ask</th>\
         <th scope=\"col\">Mutants</th><th scope=\"col\">Killed</th></tr></thead><tbody>\n",
    );
    for part in Part::ALL {
        if let Some(kills) = run.coverage.mutants_by_part.get(part.word()) {
            kill_row(page, part.word(), part.asks(), *kills);
        }
    }
    kill_row(page, "M1, all", "Changes on the wire", run.coverage.mutants);
    for family in &run.coverage.families {
        let kills = Kills {
            mutants: family.mutants,
            killed: family.killed,
        };
        let title = family.partial.as_ref().map_or_else(
            || family.title.clone(),
            |partial| format!("{} ({partial})", family.title),
        );
        kill_row(page, &family.id, &title, kills);
    }
    page.push_str("</tbody></table></div>\n");
    let wire = run.cases.iter().flat_map(|case| {
        let alive = case.mutants.iter().filter(|mutant| !mutant.killed);
        alive.map(|mutant| {
            let name = format!("{}#{}: {}", case.id, mutant.killed_by, mutant.change);
            (name, String::new())
        })
    });
    let others = run.coverage.families.iter().flat_map(|family| {
        let named = family.survivors.iter();
        named.map(|one| {
            let reason = one.reason.clone().unwrap_or_default();
            let same = if one.equivalent { "no mistake: " } else { "" };
            (
                format!("{}: {}", family.id, one.name),
                format!("{same}{reason}"),
            )
        })
    });
    let survivors: Vec<_> = wire.chain(others).collect();
    if !survivors.is_empty() {
        page.push_str("<h3>Survivors</h3>\n<ul class=\"survivors\">\n");
        for (name, reason) in survivors {
            put(
                page,
                &[
                    "<li><span class=\"mono\">",
                    &escaped(&name),
                    "</span> ",
                    &escaped(&reason),
                    "</li>\n",
                ],
            );
        }
        page.push_str("</ul>\n");
    }
    page.push_str("</section>\n");
}

fn kill_row(page: &mut String, name: &str, asks: &str, kills: Kills) {
    let Kills { mutants, killed } = kills;
    put(
        page,
        &[
            "<tr><th scope=\"row\">",
            &escaped(name),
            "</th><td>",
            &escaped(asks),
            "</td><td class=\"num\">",
            &number(mutants),
            "</td><td class=\"num\">",
            &rate(killed, mutants),
            " %</td></tr>\n",
        ],
    );
}
