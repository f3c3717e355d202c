//! Every generated type: values are written back as they were read, and unknown members are ignored.

use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use tegata_fujitsu_aispf::api::types as aispf;
use tegata_jooto::api::types as jooto;
use tegata_marketo::api::types as marketo;

use crate::{cases, text};

/// Any JSON, not too deep.
pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        // Quarters, since serde_json reads long fractions only nearly.
        any::<i32>().prop_map(|quarters| Value::from(f64::from(quarters) / 4.0)),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

pub(crate) fn any_object() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::vec((text(), any_json()), 0..4)
        .prop_map(|members| members.into_iter().collect())
}

fn string() -> BoxedStrategy<Value> {
    text().prop_map(Value::from).boxed()
}

fn seconds() -> BoxedStrategy<Value> {
    any::<i64>().prop_map(Value::from).boxed()
}

fn code() -> BoxedStrategy<Value> {
    string()
}

fn exactly(value: &'static str) -> BoxedStrategy<Value> {
    Just(Value::from(value)).boxed()
}

fn list(item: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    // An empty list is not written.
    prop::collection::vec(item, 1..3)
        .prop_map(Value::from)
        .boxed()
}

fn object() -> BoxedStrategy<Value> {
    any_object().prop_map(Value::from).boxed()
}

fn flag() -> BoxedStrategy<Value> {
    any::<bool>().prop_map(Value::from).boxed()
}

/// An object with these members, of which the optional ones may be missing.
fn members(
    required: Vec<(&'static str, BoxedStrategy<Value>)>,
    optional: Vec<(&'static str, BoxedStrategy<Value>)>,
) -> BoxedStrategy<Value> {
    let always = |(name, value): (&'static str, BoxedStrategy<Value>)| {
        value.prop_map(move |value| Some((name, value))).boxed()
    };
    let perhaps = |(name, value): (&'static str, BoxedStrategy<Value>)| {
        prop::option::of(value.prop_map(move |value| (name, value))).boxed()
    };
    let all: Vec<_> = required
        .into_iter()
        .map(always)
        .chain(optional.into_iter().map(perhaps))
        .collect();
    let object = |members: Vec<Option<(&str, Value)>>| {
        let members = members.into_iter().flatten();
        Value::Object(members.map(|(n, v)| (n.to_owned(), v)).collect())
    };
    all.prop_map(object).boxed()
}

/// A value is written back as it was read.
pub(crate) fn round_trip<T: Serialize + DeserializeOwned>(
    json: &Value,
) -> Result<(), TestCaseError> {
    let value: T = serde_json::from_value(json.clone())
        .map_err(|error| TestCaseError::fail(format!("{error}: {json}")))?;
    let written = serde_json::to_value(&value).expect("serializes");
    prop_assert_eq!(&written, json);
    let text = serde_json::to_string(&value).expect("serializes");
    let again: T = serde_json::from_str(&text).expect("reads its own writing");
    prop_assert_eq!(&serde_json::to_value(&again).expect("serializes"), json);
    Ok(())
}

/// Unknown members change nothing.
fn ignores<T: Serialize + DeserializeOwned>(
    json: &Value,
    more: Map<String, Value>,
) -> Result<(), TestCaseError> {
    let mut with = json.clone();
    let members = with.as_object_mut().expect("an object");
    for (name, value) in more {
        members.entry(format!("x-{name}")).or_insert(value);
    }
    let value: T = serde_json::from_value(with.clone())
        .map_err(|error| TestCaseError::fail(format!("{error}: {with}")))?;
    let written = serde_json::to_value(&value).expect("serializes");
    prop_assert_eq!(&written, json);
    Ok(())
}

mod schema {
    use super::*;

    pub(super) fn grant() -> BoxedStrategy<Value> {
        members(vec![("grant_type", exactly("client_credentials"))], vec![])
    }

    pub(super) fn legacy_request() -> BoxedStrategy<Value> {
        members(
            vec![("clientId", string()), ("clientSecret", string())],
            vec![],
        )
    }

    pub(super) fn legacy_refresh() -> BoxedStrategy<Value> {
        members(vec![("refreshToken", string())], vec![])
    }

    pub(super) fn aispf_token() -> BoxedStrategy<Value> {
        let optional = vec![("expires_in", seconds()), ("token_type", string())];
        members(vec![("access_token", string())], optional)
    }

    pub(super) fn legacy_token() -> BoxedStrategy<Value> {
        let optional = vec![("expiresIn", seconds()), ("refreshToken", string())];
        members(vec![("accessToken", string())], optional)
    }

    pub(super) fn code_request() -> BoxedStrategy<Value> {
        let required = vec![
            ("grant_type", exactly("authorization_code")),
            ("client_id", string()),
            ("client_secret", string()),
            ("code", string()),
            ("redirect_uri", string()),
        ];
        members(required, vec![])
    }

    pub(super) fn refresh_request() -> BoxedStrategy<Value> {
        let required = vec![
            ("grant_type", exactly("refresh_token")),
            ("client_id", string()),
            ("client_secret", string()),
            ("refresh_token", string()),
        ];
        members(required, vec![])
    }

    pub(super) fn jooto_token() -> BoxedStrategy<Value> {
        let required = vec![("access_token", string()), ("token_type", string())];
        let optional = vec![("expires_in", seconds()), ("refresh_token", string())];
        members(required, optional)
    }

    pub(super) fn marketo_request() -> BoxedStrategy<Value> {
        let required = vec![
            ("grant_type", exactly("client_credentials")),
            ("client_id", string()),
            ("client_secret", string()),
        ];
        members(required, vec![("partner_id", string())])
    }

    pub(super) fn marketo_token() -> BoxedStrategy<Value> {
        let required = vec![("access_token", string()), ("token_type", string())];
        members(
            required,
            vec![("expires_in", seconds()), ("scope", string())],
        )
    }

    pub(super) fn api_error() -> BoxedStrategy<Value> {
        members(vec![("code", code()), ("message", string())], vec![])
    }

    pub(super) fn envelope() -> BoxedStrategy<Value> {
        let optional = vec![
            ("requestId", string()),
            ("errors", list(api_error())),
            ("result", list(object())),
            ("warnings", list(any_json().boxed())),
        ];
        members(vec![("success", flag())], optional)
    }
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn every_request_is_read_and_written_alike(
        grant in schema::grant(),
        legacy in schema::legacy_request(),
        refresh in schema::legacy_refresh(),
        code in schema::code_request(),
        rotate in schema::refresh_request(),
        identity in schema::marketo_request(),
    ) {
        round_trip::<aispf::TokenRequest>(&grant)?;
        round_trip::<aispf::LegacyTokenRequest>(&legacy)?;
        round_trip::<aispf::LegacyRefreshRequest>(&refresh)?;
        round_trip::<jooto::TokenRequest>(&code)?;
        round_trip::<jooto::TokenRequest>(&rotate)?;
        round_trip::<marketo::TokenRequest>(&identity)?;
    }

    #[test]
    fn every_answer_is_read_and_written_alike(
        v2 in schema::aispf_token(),
        v1 in schema::legacy_token(),
        code in schema::jooto_token(),
        organization in object(),
        identity in schema::marketo_token(),
        error in schema::api_error(),
        envelope in schema::envelope(),
    ) {
        round_trip::<aispf::Token>(&v2)?;
        round_trip::<aispf::LegacyToken>(&v1)?;
        round_trip::<jooto::Token>(&code)?;
        round_trip::<jooto::Organization>(&organization)?;
        round_trip::<marketo::Token>(&identity)?;
        round_trip::<marketo::ApiError>(&error)?;
        round_trip::<marketo::DescribeLeadResponse>(&envelope)?;
    }

    #[test]
    fn unknown_members_of_every_answer_are_ignored(
        v2 in schema::aispf_token(),
        v1 in schema::legacy_token(),
        code in schema::jooto_token(),
        identity in schema::marketo_token(),
        error in schema::api_error(),
        envelope in schema::envelope(),
        more in any_object(),
    ) {
        ignores::<aispf::Token>(&v2, more.clone())?;
        ignores::<aispf::LegacyToken>(&v1, more.clone())?;
        ignores::<jooto::Token>(&code, more.clone())?;
        ignores::<marketo::Token>(&identity, more.clone())?;
        ignores::<marketo::ApiError>(&error, more.clone())?;
        ignores::<marketo::DescribeLeadResponse>(&envelope, more)?;
    }

    #[test]
    fn a_stored_token_is_read_as_it_was_written(
        access in text(),
        refresh in prop::option::of(text()),
        issued_at in 0_u64..1 << 40,
        lifetime in prop::option::of(0_u64..1 << 40),
    ) {
        use std::time::{Duration, SystemTime};
        use tegata::{Token};
use tegata::provider::{Issued, Refresh};
        let refresh = refresh.map_or(Refresh::Forget, |token| Refresh::Replace {
            token: token.into(),
            lifetime: lifetime.map(Duration::from_secs),
        });
        let issued = Issued::new(access, lifetime.map(Duration::from_secs), refresh);
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(issued_at);
        let token = Token::new(issued, at, None);
        let stored = serde_json::to_string(&token).expect("serializes");
        let read: Token = serde_json::from_str(&stored).expect("reads its own writing");
        prop_assert_eq!(read, token);
    }
}

#[test]
fn the_grant_is_read_and_written_alike() {
    let json = json!("client_credentials");
    round_trip::<aispf::GrantType>(&json).expect("alike");
    round_trip::<marketo::GrantType>(&json).expect("alike");
    let text = aispf::GrantType::ClientCredentials.to_string();
    assert_eq!(
        text.parse::<marketo::GrantType>()
            .map(|g| g.to_string())
            .ok(),
        Some(text)
    );
    assert!("refresh_token".parse::<aispf::GrantType>().is_err());
}

#[test]
fn the_schemas_here_can_be_violated() {
    assert!(round_trip::<aispf::Token>(&json!({})).is_err());
    assert!(round_trip::<marketo::TokenRequest>(&json!({"client_id": "a"})).is_err());
    let envelope = json!({"success": true, "errors": []});
    assert!(round_trip::<marketo::DescribeLeadResponse>(&envelope).is_err());
}
