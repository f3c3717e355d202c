//! Marketo's pages: by a token that is opaque to the client. Vendor, its page on paging tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use serde_json::{Map, Value, json};

use super::Refused;
use super::data::{Collection, as_text};
use crate::call::Call;

/// Vendor: the largest batch, and the default.
const LARGEST: usize = 300;

/// A token by date, which every stream takes as its beginning.
const SINCE: &str = "since";

/// Own choice: the token means the beginning, whatever the date; the example data have no clock.
pub(crate) fn beginning() -> String {
    token(SINCE, 0)
}

/// One page of the items that the call asks for.
pub(super) fn page(collection: &Collection, call: &Call) -> Result<Value, Refused> {
    let begin = match call.value("nextPageToken") {
        None | Some("") => 0,
        Some(token) => position(token, &collection.name).ok_or(Refused::PagingToken)?,
    };
    let asked = call.value("batchSize").and_then(|size| size.parse().ok());
    let asked = asked.filter(|size| *size > 0).unwrap_or(LARGEST);
    let size = asked.min(collection.page_size);

    let items = wanted(collection, call);
    let shown = items.iter().skip(begin).take(size);
    let shown: Vec<_> = shown.map(|item| fields(collection, item, call)).collect();
    let end = begin.saturating_add(shown.len()).min(items.len());
    let has_more = end < items.len();
    let mut body = json!({ "result": shown });
    if collection.is_stream || has_more {
        body["nextPageToken"] = json!(token(&collection.name, end));
        body["moreResult"] = json!(has_more);
    }
    Ok(body)
}

/// The item with that id, as a result of at most one.
pub(super) fn item(collection: &Collection, found: Option<&Value>, call: &Call) -> Value {
    let shown: Vec<_> = found
        .into_iter()
        .map(|item| fields(collection, item, call))
        .collect();
    json!({ "result": shown })
}

fn wanted<'a>(collection: &'a Collection, call: &Call) -> Vec<&'a Value> {
    let mut items: Vec<&Value> = collection.items.iter().collect();
    if collection.needs_filter {
        let filter = call.value("filterType").unwrap_or_default();
        let values = call.list("filterValues");
        let has = |item: &&Value| {
            let member = as_text(&item[filter]);
            values
                .iter()
                .any(|value| value.eq_ignore_ascii_case(&member))
        };
        items.retain(has);
    }
    for (parameter, member) in &collection.select {
        let values = call.list(parameter);
        if !values.is_empty() {
            items.retain(|item| values.contains(&as_text(&item[member]).as_str()));
        }
    }
    items
}

/// Vendor: the fields that the call names, or the usual ones; one without a value is null.
fn fields(collection: &Collection, item: &Value, call: &Call) -> Value {
    if collection.fields.is_empty() {
        return item.clone();
    }
    let named = call.list("fields");
    let usual = collection.fields.iter().map(String::as_str);
    let names: Vec<_> = match named.as_slice() {
        [] => usual.collect(),
        // Reported: the id comes along, whatever is named.
        named => std::iter::once("id").chain(named.iter().copied()).collect(),
    };
    let mut shown = Map::new();
    for name in names {
        shown.insert(name.to_owned(), item[name].clone());
    }
    Value::Object(shown)
}

fn token(name: &str, position: usize) -> String {
    URL_SAFE.encode(format!("{name}:{position}"))
}

fn position(token: &str, name: &str) -> Option<usize> {
    let text = String::from_utf8(URL_SAFE.decode(token).ok()?).ok()?;
    let (of, position) = text.split_once(':')?;
    (of == name || of == SINCE).then(|| position.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn call(query: &[(&str, &str)]) -> Call {
        let pairs = query.iter().map(|&(n, v)| (n.to_owned(), v.to_owned()));
        Call {
            method: "GET".to_owned(),
            path: "/".to_owned(),
            parameters: pairs.collect(),
        }
    }

    fn people() -> Collection {
        Collection {
            name: "people".to_owned(),
            page_size: 300,
            needs_filter: true,
            fields: vec!["id".to_owned(), "email".to_owned()],
            items: vec![
                json!({ "id": 1, "email": "a@example.com", "city": "Tokyo" }),
                json!({ "id": 2, "email": "b@example.com", "city": null }),
                json!({ "id": 3, "email": null, "city": "Tokyo" }),
            ],
            ..Collection::default()
        }
    }

    fn ids(body: &Value) -> Vec<u64> {
        let items = body["result"].as_array().unwrap().iter();
        items.map(|item| item["id"].as_u64().unwrap()).collect()
    }

    #[rstest]
    #[case(&[("filterType", "id"), ("filterValues", "1,3")], &[1, 3])]
    #[case(&[("filterType", "email"), ("filterValues", "B@Example.com")], &[2])]
    #[case(&[("filterType", "city"), ("filterValues", "Tokyo")], &[1, 3])]
    #[case(&[("filterType", "city"), ("filterValues", "")], &[])]
    #[case(&[("filterType", "none"), ("filterValues", "x")], &[])]
    #[case(&[], &[])]
    fn a_filter_picks_items(#[case] query: &[(&str, &str)], #[case] expected: &[u64]) {
        let body = page(&people(), &call(query)).unwrap();
        assert_eq!(ids(&body), expected, "{body}");
        assert!(body.get("nextPageToken").is_none(), "{body}");
    }

    #[test]
    fn the_next_page_goes_on_where_the_last_ended() {
        let query = [
            ("filterType", "city"),
            ("filterValues", "Tokyo"),
            ("batchSize", "1"),
        ];
        let first = page(&people(), &call(&query)).unwrap();
        assert_eq!((ids(&first), &first["moreResult"]), (vec![1], &json!(true)));
        let token = first["nextPageToken"].as_str().unwrap();
        let again = [&query[..], &[("nextPageToken", token)]].concat();
        let second = page(&people(), &call(&again)).unwrap();
        assert_eq!(ids(&second), [3]);
        assert!(second.get("nextPageToken").is_none(), "{second}");
    }

    #[test]
    fn a_stream_ends_with_a_token_for_later() {
        let stream = Collection {
            needs_filter: false,
            is_stream: true,
            page_size: 2,
            ..people()
        };
        let first = page(&stream, &call(&[("nextPageToken", &beginning())])).unwrap();
        assert_eq!(
            (ids(&first), &first["moreResult"]),
            (vec![1, 2], &json!(true))
        );
        let token = first["nextPageToken"].as_str().unwrap();
        let second = page(&stream, &call(&[("nextPageToken", token)])).unwrap();
        assert_eq!(
            (ids(&second), &second["moreResult"]),
            (vec![3], &json!(false))
        );
        let token = second["nextPageToken"].as_str().unwrap();
        let third = page(&stream, &call(&[("nextPageToken", token)])).unwrap();
        assert_eq!((ids(&third), &third["moreResult"]), (vec![], &json!(false)));
    }

    #[rstest]
    #[case("x")]
    #[case("b3RoZXJzOjE=")]
    #[case("cGVvcGxlOng=")]
    fn a_token_of_another_call_is_refused(#[case] token: &str) {
        let refused = page(&people(), &call(&[("nextPageToken", token)]));
        assert_eq!(refused, Err(Refused::PagingToken));
    }

    #[rstest]
    #[case(&[], json!({ "id": 1, "email": "a@example.com" }))]
    #[case(&[("fields", "city,phone")], json!({ "id": 1, "city": "Tokyo", "phone": null }))]
    fn the_fields_are_those_named_or_the_usual(
        #[case] query: &[(&str, &str)],
        #[case] expected: Value,
    ) {
        let people = people();
        let body = item(&people, people.items.first(), &call(query));
        assert_eq!(body, json!({ "result": [expected] }));
    }
}
