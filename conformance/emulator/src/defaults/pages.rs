//! Pages by number. Vendor, Jooto's `OpenAPI` file: `page` and `per_page`, and the four numbers in the answer.

use serde_json::{Value, json};

use super::data::{Collection, as_text};
use crate::call::Call;

/// Assumed: the page size where the call names none, and the largest.
const PER_PAGE: usize = 20;
const MOST: usize = 200;

pub(super) fn page(collection: &Collection, call: &Call) -> Value {
    let number = |name: &str| call.value(name).and_then(|text| text.parse::<usize>().ok());
    let per_page = number("per_page").filter(|size| *size > 0);
    let per_page = per_page.unwrap_or(PER_PAGE).min(MOST);
    let page = number("page").filter(|page| *page > 0).unwrap_or(1);

    let mut items: Vec<&Value> = collection.items.iter().collect();
    for (parameter, member) in &collection.select {
        let wanted: Vec<_> = call.values(parameter).collect();
        if !wanted.is_empty() {
            items.retain(|item| wanted.contains(&as_text(&item[member]).as_str()));
        }
    }
    // Vendor: the data stand in descending order, which is the default.
    if call.value("order") == Some("asc") {
        items.reverse();
    }
    let total = items.len();
    let before = (page - 1).saturating_mul(per_page);
    let shown: Vec<_> = items.into_iter().skip(before).take(per_page).collect();
    let mut body = json!({
        "page": page,
        "per_page": per_page,
        "total": total,
        "total_pages": total.div_ceil(per_page),
    });
    if let Some(body) = body.as_object_mut() {
        body.insert(collection.member.clone(), json!(shown));
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(&[], &[3, 2, 1], 1)]
    #[case(&[("per_page", "2")], &[3, 2], 2)]
    #[case(&[("per_page", "2"), ("page", "2")], &[1], 2)]
    #[case(&[("per_page", "2"), ("page", "3")], &[], 2)]
    #[case(&[("per_page", "0"), ("page", "0")], &[3, 2, 1], 1)]
    #[case(&[("page", "18446744073709551615")], &[], 1)]
    #[case(&[("order", "asc")], &[1, 2, 3], 1)]
    #[case(&[("archived", "false")], &[3, 1], 1)]
    #[case(&[("archived", "true")], &[2], 1)]
    fn a_page_has_what_was_asked_for(
        #[case] query: &[(&str, &str)],
        #[case] ids: &[u64],
        #[case] pages: u64,
    ) {
        let collection = Collection {
            member: "things".to_owned(),
            select: [("archived".to_owned(), "archived".to_owned())].into(),
            items: [3, 2, 1]
                .map(|id| json!({ "id": id, "archived": id == 2 }))
                .to_vec(),
            ..Collection::default()
        };
        let pairs = query.iter().map(|&(n, v)| (n.to_owned(), v.to_owned()));
        let call = Call {
            method: "GET".to_owned(),
            path: "/".to_owned(),
            parameters: pairs.collect(),
        };
        let body = page(&collection, &call);
        let shown = body["things"].as_array().unwrap();
        let shown: Vec<_> = shown
            .iter()
            .map(|item| item["id"].as_u64().unwrap())
            .collect();
        assert_eq!(shown, ids, "{body}");
        assert_eq!(body["total_pages"], pages, "{body}");
    }
}
