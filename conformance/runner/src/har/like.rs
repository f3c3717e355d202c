//! What an answer is like, as far as it matters to a case.

/// The kind of an answer, as far as it matters to what a client does next, and its structure,
/// which is compared where the answer is the point of the case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Like {
    kind: AnswerKind,
    shape: Shape,
    token_type: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct AnswerKind {
    status: u16,
    error: Option<String>,
    token: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Shape {
    Empty,
    Json(Vec<(String, &'static str)>),
    Other,
}

impl Like {
    pub(super) fn of(status: u16, body: &[u8]) -> Self {
        let json: Option<serde_json::Value> = serde_json::from_slice(body).ok();
        let token_type = json
            .as_ref()
            .and_then(|json| json.get("token_type")?.as_str());
        Self {
            token_type: token_type.map(str::to_owned),
            shape: Shape::of(body, json.as_ref()),
            kind: AnswerKind::of(status, &json.unwrap_or_default()),
        }
    }

    /// Whether both mean the same to a client.
    pub(super) fn same_kind(&self, other: &Self) -> bool {
        self.kind == other.kind
    }

    /// Whether both have the same structure as well.
    pub(super) fn same(&self, other: &Self) -> bool {
        self.kind == other.kind && self.shape == other.shape
    }

    /// Whether both write the type of the token alike.
    pub(super) fn same_token_type(&self, other: &Self) -> bool {
        self.token_type == other.token_type
    }

    /// Whether both make the same point: of a refusal the structure does not matter, and of a
    /// redirect not even which one it is.
    pub(super) fn same_point(&self, other: &Self) -> bool {
        let redirects = |like: &Self| (300..400).contains(&like.kind.status);
        redirects(self) && redirects(other)
            || self.same_kind(other)
                && (self.kind.status >= 300
                    || self.kind.error.is_some()
                    || self.shape == other.shape)
    }

    /// Whether both are the same refusal, whatever its body looks like. A code that is a number is
    /// the point of a case of its own, so a fixture with one is only like such an answer.
    pub(super) fn same_refusal(&self, seen: &Self, of_call: bool) -> bool {
        let status = self.kind.status;
        // What a vendor says about a credential that it does not take differs between servers.
        let unauthorized = of_call && status == 401 && seen.kind.status == 401;
        let is_refusal = status >= 400 || self.kind.error.is_some();
        unauthorized
            || is_refusal && self.same_kind(seen) && (seen.has_number() || !self.has_number())
    }

    /// Whether the code of a failure is a number.
    fn has_number(&self) -> bool {
        matches!(&self.shape, Shape::Json(members)
            if members.iter().any(|(_, kind)| *kind == "list with a number"))
    }

    /// Whether what was asked for was done.
    pub(super) fn is_done(&self) -> bool {
        self.kind.status == 200 && self.kind.error.is_none()
    }

    /// Whether both bring a refresh token, or neither does.
    pub(super) fn same_renewal(&self, other: &Self) -> bool {
        self.has_refresh_token() == other.has_refresh_token()
    }

    fn has_refresh_token(&self) -> bool {
        matches!(&self.shape, Shape::Json(members)
            if members.iter().any(|(name, _)| ["refresh_token", "refreshToken"].contains(&name.as_str())))
    }

    /// Whether a token was issued.
    pub(super) fn issues_token(&self) -> bool {
        self.kind.status == 200 && self.kind.token
    }
}

impl Shape {
    fn of(body: &[u8], json: Option<&serde_json::Value>) -> Self {
        match json {
            _ if body.is_empty() => Self::Empty,
            Some(serde_json::Value::Object(members)) => Self::Json(
                members
                    .iter()
                    .map(|(name, value)| (name.clone(), kind_of(value)))
                    .collect(),
            ),
            _ => Self::Other,
        }
    }
}

/// The kind of a member, and for texts and lists whether there is anything in them.
fn kind_of(value: &serde_json::Value) -> &'static str {
    match value {
        serde_json::Value::Null => "null",
        serde_json::Value::Bool(true) => "true",
        serde_json::Value::Bool(false) => "false",
        serde_json::Value::Number(number) if number.is_u64() => "number",
        serde_json::Value::Number(_) => "odd number",
        serde_json::Value::String(text) if text.is_empty() => "no text",
        serde_json::Value::String(_) => "text",
        serde_json::Value::Array(items) if items.is_empty() => "empty list",
        // The code of a failure, as a text or as a number.
        serde_json::Value::Array(items) if items[0]["code"].is_number() => "list with a number",
        serde_json::Value::Array(_) => "list",
        serde_json::Value::Object(_) => "object",
    }
}

impl AnswerKind {
    fn of(status: u16, json: &serde_json::Value) -> Self {
        let text = |value: &serde_json::Value| match value {
            serde_json::Value::String(text) => Some(text.clone()),
            serde_json::Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let envelope = json
            .get("errors")
            .and_then(|errors| text(errors.get(0)?.get("code")?));
        Self {
            // 200 and 201 mean the same.
            status: if (200..300).contains(&status) {
                200
            } else {
                status
            },
            error: json.get("error").and_then(text).or(envelope),
            token: json.get("access_token").is_some() || json.get("accessToken").is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(status: u16, body: &str) -> Like {
        Like::of(status, body.as_bytes())
    }

    #[test]
    fn a_refusal_makes_its_point_whatever_its_body_looks_like() {
        let fixture = like(401, "{\"error\":\"invalid_token\"}");
        assert!(fixture.same_point(&like(401, "{\"error\":\"invalid_token\",\"more\":1}")));
        assert!(!fixture.same_point(&like(401, "{\"error\":\"invalid_grant\"}")));
        assert!(!fixture.same_point(&like(200, "{}")));
    }

    #[test]
    fn a_call_that_is_not_authorized_is_refused_whatever_is_said() {
        let fixture = like(401, "{\"errors\":[{\"message\":\"no\"}]}");
        for body in ["", "{\"error\":\"invalid_token\"}", "<html>"] {
            assert!(fixture.same_refusal(&like(401, body), true), "{body}");
        }
        assert!(!fixture.same_refusal(&like(401, "{\"error\":\"invalid_client\"}"), false));
        assert!(!fixture.same_refusal(&like(403, ""), true));
    }

    #[test]
    fn a_code_as_a_number_is_the_same_refusal_but_not_the_other_way_round() {
        let text = like(200, "{\"errors\":[{\"code\":\"602\"}],\"success\":false}");
        let number = like(
            200,
            "{\"errors\":[{\"code\":602}],\"success\":false,\"warnings\":[]}",
        );
        assert!(text.same_refusal(&number, true) && !number.same_refusal(&text, true));
        assert!(!text.same_refusal(&like(200, "{\"errors\":[{\"code\":\"601\"}]}"), true));
    }

    #[test]
    fn the_case_of_a_token_type_is_no_part_of_the_structure() {
        let (one, other) = (
            like(200, "{\"token_type\":\"Bearer\"}"),
            "{\"token_type\":\"bearer\"}",
        );
        assert!(one.same(&like(200, other)) && !one.same_token_type(&like(200, other)));
    }

    #[test]
    fn every_redirect_is_one_and_an_answer_is_none() {
        assert!(like(307, "").same_point(&like(302, "<html>")));
        assert!(!like(307, "").same_point(&like(200, "<html>")));
    }

    #[test]
    fn an_odd_answer_with_status_200_is_known_by_its_structure() {
        let fixture = like(200, "{\"token_type\":\"Bearer\"}");
        assert!(!fixture.same_point(&like(200, "{}")));
        assert!(fixture.same_point(&like(201, "{\"token_type\":\"bearer\"}")));
    }
}
