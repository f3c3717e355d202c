//! The other three coverage numbers in full: operations, fields, mutants.

use maud::{Markup, html};

use super::head::rate;
use super::text::number;
use crate::report::{Family, Field, Kills, OperationEntry, Part, Run};

pub(super) fn markup(run: &Run) -> Markup {
    html! {
        div.pair {
            (operations(&run.coverage.operations.list))
            (fields(&run.coverage.fields.list))
        }
        (mutants(run))
    }
}

fn operations(list: &[OperationEntry]) -> Markup {
    html! {
        section id="operations" {
            h2 { "Operations and statuses" }
            p.hint {
                "Statuses that a document, an RFC or the vendor vouches for. "
                "Hollow: did not come up in this run."
            }
            table.list {
                tbody {
                    @for group in list.chunk_by(|one, next| one.provider == next.provider) {
                        tr.g { th scope="rowgroup" colspan="2" { b { (group[0].provider.title()) } } }
                        @for entry in group { (operation(entry)) }
                    }
                }
            }
        }
    }
}

fn operation(entry: &OperationEntry) -> Markup {
    html! {
        tr {
            th scope="row" { span.mono { (entry.operation) } }
            td {
                @for (status, came_up) in &entry.statuses {
                    @let (state, word) = if *came_up {
                        ("on", "came up")
                    } else {
                        ("off", "did not come up")
                    };
                    span.chip.(state) title=(word) { (status) }
                }
            }
        }
    }
}

fn fields(list: &[Field]) -> Markup {
    let same = |one: &Field, next: &Field| {
        (one.provider, &one.operation) == (next.provider, &next.operation)
    };
    html! {
        section id="fields" {
            h2 { "Fields of requests" }
            p.hint {
                "Is the value looked at, and would its absence (or presence, where it is forbidden) "
                "and a wrong value be noticed?"
            }
            table.list.three {
                thead {
                    tr {
                        th scope="col" { "Field" }
                        th scope="col" { "right" }
                        th scope="col" { "missing" }
                        th scope="col" { "wrong" }
                    }
                }
                tbody {
                    @for fields in list.chunk_by(same) {
                        tr.g {
                            th scope="rowgroup" colspan="4" {
                                b { (fields[0].provider.title()) }
                                " " span.mono { (fields[0].operation) }
                            }
                        }
                        @for one in fields { (field(one)) }
                    }
                }
            }
        }
    }
}

fn field(field: &Field) -> Markup {
    html! {
        tr {
            th scope="row" { small { (field.place) } " " span.mono { (field.name) } }
            @for on in [field.exact, field.absent, field.wrong] {
                @if on { td.yes { "✓" } } @else { td.no { "–" } }
            }
        }
    }
}

fn mutants(run: &Run) -> Markup {
    let all = &run.coverage;
    let survivors = survivors(run);
    html! {
        section id="mutants" {
            h2 { "Proof that the suite can fail" }
            p.hint {
                "Each wire mutant changes one thing in an exchange that conforms, and must be noticed by "
                "the check that is named for it; that some other check notices does not count."
            }
            div.scroll {
                table.rows.kills {
                    thead {
                        tr {
                            th scope="col" { "Part" }
                            th scope="col" { "What its checks ask" }
                            th scope="col" { "Mutants" }
                            th scope="col" { "Killed" }
                        }
                    }
                    tbody {
                        @for part in Part::ALL {
                            @if let Some(kills) = all.mutants_by_part.get(part.word()) {
                                (kill_row(part.word(), part.asks(), *kills))
                            }
                        }
                        (kill_row("M1, all", "Changes on the wire", all.mutants))
                        @for family in &all.families { (family_row(family)) }
                    }
                }
            }
            @if !survivors.is_empty() {
                h3 { "Survivors" }
                ul.survivors {
                    @for (name, reason) in survivors {
                        li { span.mono { (name) } " " (reason) }
                    }
                }
            }
        }
    }
}

fn family_row(family: &Family) -> Markup {
    let kills = Kills {
        mutants: family.mutants,
        killed: family.killed,
    };
    let title = family.partial.as_ref().map_or_else(
        || family.title.clone(),
        |partial| format!("{} ({partial})", family.title),
    );
    kill_row(&family.id, &title, kills)
}

fn kill_row(name: &str, asks: &str, kills: Kills) -> Markup {
    let Kills { mutants, killed } = kills;
    html! {
        tr {
            th scope="row" { (name) }
            td { (asks) }
            td.num { (number(mutants)) }
            td.num { (rate(killed, mutants)) " %" }
        }
    }
}

/// The mutants that no check noticed, with the reasons if known.
fn survivors(run: &Run) -> Vec<(String, String)> {
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
    wire.chain(others).collect()
}
