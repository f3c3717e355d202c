//! What the documents say and what became of it: each document as a strip of its lines, and its
//! statements as a table.

use super::text::{class, escaped, put, rich, vendor};
use crate::citation::Evidence;
use crate::report::said::count;
use crate::report::{CitationEntry, Run, SourceEntry, Standing, Verdict};

pub(super) fn write(page: &mut String, run: &Run) {
    page.push_str(
        "<section id=\"citations\">\n<h2>What the sources say</h2>\n<p class=\"hint\">Each strip is a \
         document, line by line from left to right.</p>\n<ul class=\"key\">\
         <li><i class=\"pass\"></i>checked, and held</li><li><i class=\"warn\"></i>warned or \
         informed</li><li><i class=\"fail\"></i>checked, and broken</li><li><i class=\"idle\"></i>checked by \
         cases that were not run</li><li><i class=\"out\"></i>statement excluded, with a reason</li>\
         <li><i class=\"none\"></i>no statement: headings, screens</li></ul>\n",
    );
    for source in &run.sources {
        one(page, run, source);
    }
    page.push_str("</section>\n");
}

fn one(page: &mut String, run: &Run, source: &SourceEntry) {
    let mut facts = Vec::new();
    if source.lines > 0 {
        facts.push(count(source.lines, "line"));
    }
    facts.push(count(source.statements, "statement"));
    facts.push(format!("{} checked", source.checked));
    for (number, word) in [
        (source.excluded, "excluded"),
        (source.unchecked, "unchecked"),
    ] {
        if number > 0 {
            facts.push(format!("{number} {word}"));
        }
    }
    let title = source.provider.map_or_else(String::new, |provider| {
        let language = match source.language.as_deref() {
            Some("ja") => ", Japanese",
            Some("en") => ", English",
            _ => "",
        };
        format!(" <small>{}{language}</small>", vendor(provider))
    });
    put(
        page,
        &[
            "<article class=\"source\">\n<h3><span>",
            &escaped(&source.source),
            "</span>",
            &title,
            "</h3><p class=\"facts\">",
            &facts.join(" · "),
            "</p>\n",
        ],
    );
    let rows: Vec<(&String, &CitationEntry)> = rows(run, source);
    strip(page, run, source, &rows);
    put(
        page,
        &[
            "<details><summary>",
            &count(rows.len(), "statement"),
            "</summary>\n",
        ],
    );
    table(page, &rows);
    excluded(page, source);
    page.push_str("</details>\n</article>\n");
}

fn rows<'r>(run: &'r Run, source: &SourceEntry) -> Vec<(&'r String, &'r CitationEntry)> {
    let fits = |entry: &CitationEntry| match (source.provider, entry.evidence) {
        (Some(_), Evidence::Documented) => entry.source == source.source,
        (None, Evidence::Rfc) => source.source == "RFC clauses",
        (None, Evidence::Vendor) => source.source.contains("vendors"),
        (None, Evidence::Reported) => source.source.contains("third"),
        (None, Evidence::Assumed) => source.source == "assumptions",
        _ => false,
    };
    let mut rows: Vec<_> = run
        .citations
        .iter()
        .filter(|(_, entry)| fits(entry))
        .collect();
    // As they stand in the document.
    rows.sort_by_key(|(id, entry)| {
        let first = entry.lines.as_deref().unwrap_or_default();
        let numbers: Vec<usize> = first
            .split(|one: char| !one.is_ascii_digit())
            .filter_map(|number| number.parse().ok())
            .collect();
        (entry.evidence == Evidence::Rfc)
            .then(|| entry.source.clone())
            .map_or((String::new(), numbers.clone(), id.as_str()), |rfc| {
                (rfc, numbers, id.as_str())
            })
    });
    rows
}

/// What can become of a statement, what wants attention first.
const FATES: [&str; 6] = ["fail", "open", "warn", "idle", "pass", "out"];

fn fate(entry: &CitationEntry) -> &'static str {
    match (entry.standing, entry.verdict) {
        (Standing::Excluded, _) => "out",
        (Standing::Unchecked, _) => "open",
        (Standing::Checked, None | Some(Verdict::NotApplicable)) => "idle",
        (Standing::Checked, Some(Verdict::Info)) => "warn",
        (Standing::Checked, Some(verdict)) => class(verdict),
    }
}

fn word(entry: &CitationEntry) -> &'static str {
    match fate(entry) {
        "out" => "excluded",
        "open" => "unchecked",
        "idle" => "not run",
        "warn" => "warned",
        "fail" => "broken",
        _ => "held",
    }
}

fn strip(page: &mut String, run: &Run, source: &SourceEntry, rows: &[(&String, &CitationEntry)]) {
    let mut pieces: Vec<(usize, &str, Vec<&str>)> = Vec::new();
    if source.passages.is_empty() {
        let whole = rows.iter();
        pieces.extend(whole.map(|(id, entry)| (1, fate(entry), vec![id.as_str()])));
    }
    for passage in &source.passages {
        let known = passage.citations.iter();
        let mut entries: Vec<(&str, &str)> = known
            .filter_map(|id| Some((fate(run.citations.get(id)?), id.as_str())))
            .collect();
        // Of several statements in a line, the one that wants attention most gives the colour.
        entries.sort_by_key(|(fate, _)| FATES.iter().position(|known| known == fate));
        let state = match (entries.first(), &passage.excluded) {
            (Some((fate, _)), _) => fate,
            (None, Some(_)) => "none",
            (None, None) => "blank",
        };
        let ids = entries.into_iter().map(|(_, id)| id).collect();
        pieces.push((passage.last - passage.first + 1, state, ids));
    }
    page.push_str("<div class=\"strip\" aria-hidden=\"true\">");
    for (lines, state, ids) in pieces {
        let grow = lines.to_string();
        put(
            page,
            &["<i class=\"", state, "\" style=\"flex-grow:", &grow, "\""],
        );
        if !ids.is_empty() {
            put(page, &[" data-cite=\"", &escaped(&ids.join(" ")), "\""]);
        }
        page.push_str("></i>");
    }
    page.push_str("</div>\n");
}

fn table(page: &mut String, rows: &[(&String, &CitationEntry)]) {
    page.push_str(
        "<div class=\"scroll\"><table class=\"rows\"><thead><tr><th scope=\"col\">Statement</th><th scope=\"col\">Says</th>\
         <th scope=\"col\">In this run</th><th scope=\"col\">Cases</th></tr></thead><tbody>\n",
    );
    for (id, entry) in rows {
        let place = match &entry.lines {
            Some(lines) if entry.evidence == Evidence::Rfc => {
                format!("{} §{lines}", entry.source)
            }
            Some(lines) if lines.contains([',', '-']) => format!("lines {lines}"),
            Some(line) => format!("line {line}"),
            None => entry.source.clone(),
        };
        put(
            page,
            &[
                "<tr id=\"cite-",
                &escaped(id),
                "\"><th scope=\"row\"><span class=\"mono\">",
                &escaped(id),
                "</span><small>",
                &escaped(&place),
                "</small></th><td><span class=\"kw\">",
                entry.keyword.word(),
                "</span> ",
                &rich(&entry.says),
            ],
        );
        if let Some(same) = &entry.same_as {
            put(
                page,
                &[
                    " <small>as <a class=\"mono\" href=\"#cite-",
                    &escaped(same),
                    "\">",
                    &escaped(same),
                    "</a></small>",
                ],
            );
        }
        if let Some(differs) = &entry.differs {
            put(page, &[" <small>but: ", &escaped(differs), "</small>"]);
        }
        put(
            page,
            &[
                "</td><td><span class=\"fate ",
                fate(entry),
                "\">",
                word(entry),
                "</span></td><td>",
            ],
        );
        if let Some(reason) = &entry.reason {
            put(page, &["<small>", &escaped(reason), "</small>"]);
        }
        for case in &entry.cases {
            put(
                page,
                &[
                    "<a class=\"mono\" href=\"#",
                    &escaped(case),
                    "\">",
                    &escaped(case),
                    "</a> ",
                ],
            );
        }
        page.push_str("</td></tr>\n");
    }
    page.push_str("</tbody></table></div>\n");
}

fn excluded(page: &mut String, source: &SourceEntry) {
    let mut passages = source
        .passages
        .iter()
        .filter_map(|passage| Some((passage, passage.excluded.as_deref()?)))
        .peekable();
    if passages.peek().is_none() {
        return;
    }
    page.push_str("<p class=\"hint\">Lines that hold no statement:</p>\n<ul class=\"excluded\">\n");
    for (passage, reason) in passages {
        let lines = if passage.first == passage.last {
            passage.first.to_string()
        } else {
            format!("{}–{}", passage.first, passage.last)
        };
        put(
            page,
            &["<li><b>", &lines, "</b> ", &escaped(reason), "</li>\n"],
        );
    }
    page.push_str("</ul>\n");
}
