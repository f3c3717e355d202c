//! Bodies of several parts.

use serde_json::{Value as Json, json};

use super::{Lowering, kinds};
use crate::node::Node;

/// A type whose values are sent as `multipart/form-data`.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) name: String,
    pub(crate) parts: Vec<Part>,
    /// Whether it has parts of other names.
    pub(crate) has_extra: bool,
}

/// A field of it.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// Its name in Rust.
    pub(crate) field: String,
    pub(crate) name: String,
    pub(crate) is_file: bool,
    pub(crate) content_type: Option<String>,
}

impl<'a> Lowering<'a> {
    /// The form, and a body for the encoder in whose place it is sent; nothing if no parts are known.
    pub(super) fn multipart(
        &mut self,
        kind: &str,
        media: &'a Node,
        id: &str,
    ) -> Option<(Form, Json)> {
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("multipart/form-data") {
            return None;
        }
        let encoding = media.get("encoding");
        let content_type = |name: &str| encoding?.get(name)?.text_of("contentType");
        let form = self
            .schemas
            .form(media.get("schema")?, &format!("{id} form"), &content_type)?;
        for (name, it) in media.members_of("encoding") {
            if it.get("style").is_some() || it.get("headers").is_some() {
                self.schemas.remark(kinds::ENCODING, it, name);
            }
        }
        let schema = json!({"schema": {"type": "string", "format": "binary"}});
        let body = json!({"required": true, "content": {"application/octet-stream": schema}});
        Some((form, body))
    }
}
