//! Descriptions of what a mutant changes.

use crate::case::{FieldPlace, Mutation};

/// The change in words.
pub(super) fn words(mutation: &Mutation) -> String {
    match mutation {
        Mutation::Drop(at, name) => format!("without the {} `{name}`", place(*at)),
        Mutation::Rename(at, name, to) => format!("the {} `{name}` called `{to}`", place(*at)),
        Mutation::Duplicate(at, name) => format!("the {} `{name}` twice", place(*at)),
        Mutation::Set(at, name, value) if value.is_empty() => {
            format!("the {} `{name}` empty", place(*at))
        }
        Mutation::Set(at, name, value) => format!("the {} `{name}` as `{value}`", place(*at)),
        Mutation::Add(at, name, value) => {
            format!("one more {} `{name}`, `{value}`", place(*at))
        }
        Mutation::Method(method) => format!("by {method}"),
        Mutation::PathPrefix(prefix) => format!("`{prefix}` before the path"),
        Mutation::BodyToQuery => "the body's fields in the query".to_owned(),
        Mutation::QueryToBody => "the query's fields in the body".to_owned(),
        Mutation::FormToJson => "the form as JSON".to_owned(),
        Mutation::JsonToForm => "the JSON as a form".to_owned(),
        Mutation::QuoteBearer => "quotation marks round the token".to_owned(),
        Mutation::SwapHeader(from, to) => format!("the header `{from}` as `{to}`"),
        Mutation::Body(body) => format!("the body `{body}`"),
        Mutation::StopBefore => "not sent at all".to_owned(),
        Mutation::Repeat => "sent once too often".to_owned(),
        Mutation::OtherOrigin => "sent to another origin".to_owned(),
        Mutation::Hang => "no end".to_owned(),
        Mutation::Succeed => "success claimed".to_owned(),
        Mutation::Fail(kind) => format!("an error of the kind {} claimed", kind_word(*kind)),
        Mutation::Status(status) => format!("status {status} handed on"),
        Mutation::Code(code) => format!("code `{code}` handed on"),
        Mutation::CutBody => "the body handed on cut short".to_owned(),
        Mutation::Say(name) => format!("an error that shows `${{{name}}}`"),
        Mutation::AnswerStatus(status) => format!("answered {status}"),
    }
}

fn kind_word(kind: crate::script::ErrorKind) -> String {
    serde_json::to_value(kind)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn place(place: FieldPlace) -> &'static str {
    match place {
        FieldPlace::Query => "query parameter",
        FieldPlace::Form => "form field",
        FieldPlace::Json => "JSON member",
        FieldPlace::Header => "header",
        FieldPlace::Answer => "member of the answer",
        FieldPlace::AnswerHeader => "header of the answer",
        FieldPlace::Location => "parameter of the location",
    }
}
