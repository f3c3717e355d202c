//! The file of an export job.

use std::collections::HashMap;

use axum::http::StatusCode;
use axum::http::header::{ACCEPT_RANGES, CONTENT_RANGE, CONTENT_TYPE, RANGE};
use serde::Deserialize;
use serde_json::Value;

use crate::Provider;
use crate::answer::Answer;
use crate::defaults;
use crate::request::{Header, Seen};

/// The fields of an activity in a file, where the job names none.
const ACTIVITY_FIELDS: [&str; 8] = [
    "marketoGUID",
    "leadId",
    "activityDate",
    "activityTypeId",
    "campaignId",
    "primaryAttributeValueId",
    "primaryAttributeValue",
    "attributes",
];

/// What a job is created with; the filter by time is not applied to the example data.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Order {
    #[serde(default)]
    fields: Vec<String>,
    #[serde(default)]
    column_header_names: HashMap<String, String>,
    format: Option<String>,
    #[serde(default)]
    filter: Filter,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Filter {
    activity_type_ids: Vec<u64>,
}

impl Order {
    pub(super) fn read(body: &[u8]) -> Result<Self, &'static str> {
        serde_json::from_slice(body).map_err(|_| "the body is no description of an export")
    }

    /// Vendor: CSV, TSV or SSV, and CSV if it is left out.
    pub(super) fn format(&self) -> &str {
        self.format.as_deref().unwrap_or("CSV")
    }

    /// The content, and how many records it has.
    pub(super) fn file(&self, kind: &str) -> (String, usize) {
        let separator = match self.format() {
            "TSV" => '\t',
            "SSV" => ' ',
            _ => ',',
        };
        let names: Vec<&str> = match (self.fields.as_slice(), kind) {
            ([], "activities") => ACTIVITY_FIELDS.to_vec(),
            (fields, _) => fields.iter().map(String::as_str).collect(),
        };
        let items = self.items(kind);
        let heads = names.iter().map(|name| {
            let own = self.column_header_names.get(*name);
            own.map_or(*name, String::as_str).to_owned()
        });
        let mut content = row(heads, separator);
        for item in &items {
            content += &row(names.iter().map(|name| cell(&item[*name])), separator);
        }
        (content, items.len())
    }

    fn items(&self, kind: &str) -> Vec<&'static Value> {
        let items = defaults::items(Provider::Marketo, kind).iter();
        let types = &self.filter.activity_type_ids;
        let is_wanted = |item: &&Value| {
            let of = item["activityTypeId"].as_u64();
            kind != "activities" || types.is_empty() || of.is_some_and(|of| types.contains(&of))
        };
        items.filter(is_wanted).collect()
    }
}

/// Vendor: `null` for a field without data. Reported: an activity's attributes are one JSON object.
fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(attributes) => {
            let pairs = attributes.iter().filter_map(|one| {
                let name = one["name"].as_str()?.to_owned();
                Some((name, one["value"].clone()))
            });
            Value::Object(pairs.collect()).to_string()
        }
        other => other.to_string(),
    }
}

/// RFC 4180: quotation marks round a cell that needs them.
fn row(cells: impl Iterator<Item = String>, separator: char) -> String {
    let quoted = cells.map(|cell| {
        let needs = cell.contains([separator, '"', '\n', '\r']);
        if needs {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell
        }
    });
    let mut row = quoted.collect::<Vec<_>>().join(&separator.to_string());
    row.push('\n');
    row
}

/// RFC 9110 section 14: the part that a `Range` header asks for, or the whole if it asks for none.
pub(super) fn deliver(content: Vec<u8>, seen: &Seen) -> Answer {
    let size = content.len();
    let asked = match seen.header(RANGE.as_str()) {
        Header::Once(value) => std::str::from_utf8(value).ok().and_then(range),
        Header::Absent | Header::Repeated => None,
    };
    let answer = |status, body| {
        Answer {
            body,
            ..Answer::empty(status)
        }
        .header(CONTENT_TYPE, "text/csv;charset=UTF-8")
        .header(ACCEPT_RANGES, "bytes")
    };
    let Some((first, last)) = asked else {
        return answer(StatusCode::OK, content);
    };
    let last = last.unwrap_or(usize::MAX).min(size.saturating_sub(1));
    match content.get(first..=last) {
        Some(part) if first < size => answer(StatusCode::PARTIAL_CONTENT, part.to_vec())
            .header(CONTENT_RANGE, &format!("bytes {first}-{last}/{size}")),
        _ => answer(StatusCode::RANGE_NOT_SATISFIABLE, Vec::new())
            .header(CONTENT_RANGE, &format!("bytes */{size}")),
    }
}

/// The first byte, and the last if it is named; other forms are left unheeded, as the RFC allows.
fn range(header: &str) -> Option<(usize, Option<usize>)> {
    let (first, last) = header.strip_prefix("bytes=")?.split_once('-')?;
    let last = match last {
        "" => None,
        last => Some(last.parse().ok()?),
    };
    let first = first.parse().ok()?;
    last.is_none_or(|last| first <= last)
        .then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("bytes=0-0", Some((0, Some(0))))]
    #[case("bytes=7-", Some((7, None)))]
    #[case("bytes=-7", None)]
    #[case("bytes=7-3", None)]
    #[case("bytes=0-1,3-4", None)]
    #[case("lines=0-1", None)]
    fn a_range_is_read(#[case] header: &str, #[case] expected: Option<(usize, Option<usize>)>) {
        assert_eq!(range(header), expected);
    }

    #[test]
    fn a_cell_with_a_separator_or_a_quotation_mark_is_quoted() {
        let cells = ["a,b", "c\"d", "e", "f\ng"].map(str::to_owned);
        assert_eq!(
            row(cells.into_iter(), ','),
            "\"a,b\",\"c\"\"d\",e,\"f\ng\"\n"
        );
        let cells = ["a,b", "c d"].map(str::to_owned);
        assert_eq!(row(cells.into_iter(), ' '), "a,b \"c d\"\n");
    }

    #[test]
    fn a_file_has_the_fields_in_order_under_their_names() {
        let order = br#"{"fields": ["email", "id"], "columnHeaderNames": {"id": "Marketo Id"}}"#;
        let (content, records) = Order::read(order).unwrap().file("leads");
        let mut lines = content.lines();
        assert_eq!(lines.next(), Some("email,Marketo Id"));
        assert_eq!(lines.next(), Some("hanako@example.com,318581"));
        assert!(content.contains("\nnull,318584\n"), "{content}");
        assert_eq!(records, 5);
    }

    #[test]
    fn activities_are_those_of_the_types_asked_for() {
        let order = br#"{"filter": {"activityTypeIds": [2]}}"#;
        let (content, records) = Order::read(order).unwrap().file("activities");
        assert_eq!(records, 1);
        assert!(content.contains(r#","{""Webpage ID"":72}""#), "{content}");
    }
}
