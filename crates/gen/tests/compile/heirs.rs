//! An object for which those may stand that are made of it.

use rstest::rstest;
use serde_json::{Value, from_value, json, to_value};

use crate::heirs_of_messages::api::types::Message;

#[rstest]
#[case(json!({"type": "text", "text": "t", "sender": "s"}), "Kind(Text")]
#[case(json!({"type": "group", "first": {"type": "text", "text": "t"}, "all": [{"type": "text", "text": "u"}]}), "Kind(Group")]
#[case(json!({"type": "text", "text": "t", "reply_to": {"type": "text", "text": "u"}}), "Kind(Text")]
#[case(json!({"type": "sticker", "sender": "s"}), "Other(MessageOther")]
fn all_members_of_the_one_that_is_meant_are_kept(#[case] message: Value, #[case] variant: &str) {
    let read: Message = from_value(message.clone()).expect("a message");
    assert!(format!("{read:?}").starts_with(variant), "{read:?}");
    assert_eq!(to_value(&read).expect("JSON"), message);
}

#[test]
fn a_secret_in_one_of_them_is_not_printed() {
    let group = json!({"type": "group", "first": {"type": "text", "text": "t"}, "access_token": {"a": "CANARY"}});
    let read: Message = from_value(group.clone()).expect("a message");
    assert!(!format!("{read:?}").contains("CANARY"), "{read:?}");
    assert_eq!(to_value(&read).expect("JSON"), group);
}
