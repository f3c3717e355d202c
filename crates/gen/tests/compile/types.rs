//! What generated types read and print.

use rstest::rstest;
use serde_json::{Value, from_value, json, to_value};

use crate::{bodies, modern, names, parameters, references, swagger, values};

#[test]
fn a_secret_is_not_printed() {
    let card: bodies::api::types::Card =
        from_value(json!({"title": "t", "password": "CANARY"})).expect("a card");
    assert!(!format!("{card:?}").contains("CANARY"), "{card:?}");
    assert_eq!(
        to_value(&card).expect("JSON"),
        json!({"title": "t", "password": "CANARY"})
    );
    let thing = json!({"name": null, "kind": "thing", "note": null, "private_key": "CANARY", "words": ["a"]});
    let thing: modern::api::types::Thing = from_value(thing).expect("a thing");
    assert!(!format!("{thing:?}").contains("CANARY"), "{thing:?}");
    assert_eq!(thing.words, Some(vec!["a".to_owned()]));
    let lead: swagger::api::types::Lead =
        from_value(json!({"client_secret": "CANARY"})).expect("a lead");
    assert!(!format!("{lead:?}").contains("CANARY"), "{lead:?}");
}

#[rstest]
#[case(json!({"petType": "cat", "name": "Tama", "lives": 9}), "Cat")]
#[case(json!({"petType": "dog", "bark": "wan"}), "Dog")]
fn a_discriminator_tells_variants_apart(#[case] pet: Value, #[case] variant: &str) {
    let read: modern::api::types::Pet = from_value(pet.clone()).expect("a pet");
    assert!(format!("{read:?}").starts_with(variant), "{read:?}");
    assert_eq!(to_value(&read).expect("JSON"), pet);
}

#[rstest]
#[case(json!({"name": null, "kind": "thing", "note": null}))]
#[case(json!({"name": "n", "kind": "thing", "note": {"text": "t"}, "mixed": 1, "huge": u64::MAX, "pair": ["a", 1],
    "inner": {"deep": true}, "parent": {"name": "p", "kind": "thing", "note": null}, "extra": {"x-a": "b"}}))]
fn null_and_what_3_1_can_say_is_kept(#[case] thing: Value) {
    let read: modern::api::types::Thing = from_value(thing.clone()).expect("a thing");
    assert_eq!(to_value(&read).expect("JSON"), thing);
}

#[test]
fn a_property_without_a_field_of_its_own_is_in_extra() {
    let times = json!({"auth_time": "a", "authTime": 5, "state": {"code": "c"}});
    let read: names::api::types::Times = from_value(times.clone()).expect("times");
    assert_eq!(read.extra.get("authTime"), Some(&json!(5)));
    assert_eq!(to_value(&read).expect("JSON"), times);
}

#[rstest]
#[case(json!({"union": {"b": "x"}}))]
#[case(json!({"union": {"a": "x"}}))]
#[case(json!({"yes": "1.10"}))]
#[case(json!({"yes": "not in the document"}))]
#[case(json!({"map": {}, "listed": []}))]
#[case(json!({"map": {"k": "v"}, "both": {"a": "x", "c": "y"}, "conflict": {"a": 1}}))]
#[case(json!({"merged": "m", "texts": "any", "odd": 1, "when": "not a date", "listed": ["one"]}))]
fn values_pass_through_unchanged(#[case] value: Value) {
    let read: values::api::types::Values = from_value(value.clone()).expect("values");
    assert_eq!(to_value(&read).expect("JSON"), value);
}

#[test]
fn a_value_that_is_unknown_is_kept_and_shown() {
    let read: parameters::api::types::HeadersXTrace = from_value(json!("dim")).expect("a value");
    assert_eq!(
        (read.to_string(), to_value(&read).expect("JSON")),
        ("dim".to_owned(), json!("dim"))
    );
    assert_eq!(
        from_value::<parameters::api::types::HeadersXTrace>(json!("on"))
            .expect("a value")
            .to_string(),
        "on"
    );
}

#[test]
fn null_is_read_wherever_something_is_optional() {
    let null = json!({"map": null, "listed": null, "merged": null, "union": null, "yes": null, "whole": null});
    let read: values::api::types::Values = from_value(null).expect("values");
    assert_eq!(to_value(&read).expect("JSON"), json!({}));
}

#[test]
fn nothing_is_sent_for_what_is_left_out() {
    let empty: values::api::types::Values = from_value(json!({})).expect("values");
    assert_eq!(to_value(&empty).expect("JSON"), json!({}));
}

#[test]
fn references_lead_into_other_files_and_back() {
    let item = json!({"name": "a", "next": {"status": "open"}, "status": "closed"});
    let read: references::api::types::ItemsResponseItem =
        from_value(item.clone()).expect("an item");
    assert_eq!(to_value(&read).expect("JSON"), item);
}
