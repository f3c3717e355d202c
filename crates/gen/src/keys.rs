//! Every `x-tegata-*` that is read: the readers, the check of misspelt ones, and the schema for editors have them from here.

/// A key of ours.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) place: Place,
    pub(crate) kind: Kind,
    /// For a person who writes it.
    pub(crate) about: &'static str,
}

/// Where a key is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Document,
    /// A property or parameter.
    Marked,
    /// A scheme of the type `apiKey`.
    ApiKey,
    /// A scheme by which tokens are got.
    Tokens,
}

/// What a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    YesOrNo,
    Text,
    Seconds,
    OneOf(&'static [&'static str]),
    /// Maps of [`STEPS`], with names and values of parameters.
    Parameters,
    /// A map of [`ANSWER`] to names.
    Answer,
    /// A map of [`REFUSAL`].
    Refusal,
}

pub(crate) const CLIENT_AUTH_VALUES: [&str; 4] = ["basic", "basic-raw", "post", "none"];
pub(crate) const TOKEN_REQUEST_VALUES: [&str; 4] = ["form", "json", "post-query", "get-query"];

/// The requests to an authorization server.
pub(crate) const STEPS: [&str; 4] = ["authorization", "device", "token", "refresh"];

/// The members of a token answer.
pub(crate) const ANSWER: [&str; 4] = ["access-token", "expires-in", "refresh-token", "token-type"];

/// What a refusal is known by.
pub(crate) const REFUSAL: [&str; 4] = ["statuses", "body", "transient-codes", "denied-codes"];

/// Parameters that are no further ones: `tegata::oauth::Server` refuses them.
pub(crate) const SENT_ANYWAY: [&str; 12] = [
    "client_id",
    "client_secret",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "device_code",
    "grant_type",
    "redirect_uri",
    "refresh_token",
    "response_type",
    "state",
];

pub(crate) const CLIENT_AUTH: Key = Key {
    name: "x-tegata-client-auth",
    place: Place::Tokens,
    kind: Kind::OneOf(&CLIENT_AUTH_VALUES),
    about: "How the client authenticates at the token endpoint: `basic` (form-encoded, as RFC 6749 says), `basic-raw`, \
            `post`, or `none` for public clients.",
};
pub(crate) const TOKEN_REQUEST: Key = Key {
    name: "x-tegata-token-request",
    place: Place::Tokens,
    kind: Kind::OneOf(&TOKEN_REQUEST_VALUES),
    about: "How requests to the token endpoint are written: `form`, or for servers that deviate `json`, `post-query`, \
            `get-query`.",
};
pub(crate) const PARAMETERS: Key = Key {
    name: "x-tegata-parameters",
    place: Place::Tokens,
    kind: Kind::Parameters,
    about: "Further parameters of a request to the authorization server, such as `{token: {audience: items}}`.",
};
pub(crate) const TOKEN_ANSWER: Key = Key {
    name: "x-tegata-token-answer",
    place: Place::Tokens,
    kind: Kind::Answer,
    about: "What the members of a token answer are called, such as `{access-token: accessToken}`.",
};
pub(crate) const LIFETIME: Key = Key {
    name: "x-tegata-lifetime",
    place: Place::Tokens,
    kind: Kind::Seconds,
    about: "Seconds for which a token is good whose answer does not say it.",
};
pub(crate) const SCOPE_SEPARATOR: Key = Key {
    name: "x-tegata-scope-separator",
    place: Place::Tokens,
    kind: Kind::Text,
    about: "What stands between two scopes, if it is not a blank.",
};
pub(crate) const PKCE: Key = Key {
    name: "x-tegata-pkce",
    place: Place::Tokens,
    kind: Kind::YesOrNo,
    about: "`false` for a server that refuses PKCE.",
};
pub(crate) const PREFIX: Key = Key {
    name: "x-tegata-prefix",
    place: Place::ApiKey,
    kind: Kind::Text,
    about: "Text before the key, with its blank, such as \"SSWS \".",
};
pub(crate) const REFUSED: Key = Key {
    name: "x-tegata-refusal",
    place: Place::Document,
    kind: Kind::Refusal,
    about: "How the API says that a credential is no longer good, if not by a 401.",
};
pub(crate) const SECRET: Key = Key {
    name: "x-tegata-secret",
    place: Place::Marked,
    kind: Kind::YesOrNo,
    about: "`true` for a secret with another name than secrets have, `false` for what only looks like one.",
};

pub(crate) const ALL: [&Key; 10] = [
    &CLIENT_AUTH,
    &LIFETIME,
    &PARAMETERS,
    &PKCE,
    &PREFIX,
    &REFUSED,
    &SCOPE_SEPARATOR,
    &SECRET,
    &TOKEN_ANSWER,
    &TOKEN_REQUEST,
];

/// Notes for people and other tools, such as where a fact was found. They may stand anywhere.
pub(crate) const NOTES: [&str; 10] = [
    "x-tegata-browser-only",
    "x-tegata-deprecated",
    "x-tegata-evidence",
    "x-tegata-issued-by",
    "x-tegata-lifetimes",
    "x-tegata-name",
    "x-tegata-names",
    "x-tegata-property-evidence",
    "x-tegata-security-evidence",
    "x-tegata-sources",
];

/// Members that hold values of the API, of which any key is data.
pub(crate) const DATA: [&str; 6] = ["const", "default", "enum", "example", "examples", "value"];

/// Maps whose keys are names that the document gives.
pub(crate) const NAMED: [&str; 22] = [
    "$defs",
    "callbacks",
    "content",
    "definitions",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "encoding",
    "headers",
    "links",
    "mapping",
    "mediaTypes",
    "pathItems",
    "patternProperties",
    "requestBodies",
    "responses",
    "schemas",
    "scopes",
    "security",
    "variables",
    "webhooks",
    "x-webhooks",
];

/// The names of the keys that are read in a place, in their order.
pub(crate) fn read_in(place: Place) -> Vec<&'static str> {
    let there = ALL.into_iter().filter(|it| it.place == place);
    there.map(|it| it.name).collect()
}
