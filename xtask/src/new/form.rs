//! `specs/NAME.overlay.yaml` as a form: what the document does not say, each with the value that is assumed until it
//! is looked up.

use std::fmt::Write as _;

use tegata_gen::{CredentialPlace, Outline, OutlinedScheme};

use super::document::Document;

/// The form, and what is to be filled in.
pub(crate) struct Form {
    pub(crate) text: String,
    /// A line for each thing that the document leaves open.
    pub(crate) open: Vec<String>,
}

/// The form for a document whose crate would have this outline without any overlay.
pub(crate) fn form(name: &str, file: &str, document: &Document, outline: &Outline) -> Form {
    let mut form = Form {
        text: format!(
            "# What {} does not say. Values that are assumed have a note: look them up in the vendor's\n\
             # guide, write down where they stand, and run `cargo xtask gen {name}`. crates/gen/README.md has all keys.\n\
             overlay: 1.0.0\ninfo: {{title: {}, version: \"1\"}}\nactions:\n",
            comment(file),
            quoted(&format!("What the document of {name} does not say")),
        ),
        open: Vec::new(),
    };
    let root = document.root();
    let schemes = if root.get("swagger").is_some() {
        "$.securityDefinitions"
    } else {
        "$.components.securitySchemes"
    };
    for scheme in &outline.schemes {
        form.client_auth(scheme, schemes);
        form.prefix(scheme, schemes);
    }
    form.server(outline);
    if outline.schemes.is_empty() {
        form.scheme();
    }
    if root.get("x-tegata-refusal").is_none() {
        form.refusal();
    }
    form
}

impl Form {
    fn client_auth(&mut self, scheme: &OutlinedScheme, schemes: &str) {
        if !scheme.servers.iter().any(|it| it.takes_client_auth) {
            return;
        }
        let target = target(schemes, &scheme.name);
        self.action(
            "How a client authenticates at the token endpoint: basic, basic-raw, post, or none (no secret).",
            &[
                format!("- target: {target}"),
                "  update:".to_owned(),
                "    x-tegata-client-auth: basic".to_owned(),
                "    x-tegata-evidence: {class: assumed, note: \"What RFC 6749, section 2.3.1, wants of each server\"}".to_owned(),
            ],
        );
        let name = &scheme.name;
        self.open.push(format!(
            "`{name}`: how a client authenticates at the token endpoint (assumed: basic)"
        ));
    }

    /// A key in `Authorization` nearly always stands behind a word.
    fn prefix(&mut self, scheme: &OutlinedScheme, schemes: &str) {
        let header = CredentialPlace::Header("authorization".to_owned());
        if scheme.place != header || scheme.prefix.is_some() {
            return;
        }
        let target = target(schemes, &scheme.name);
        self.remark(
            "The text before the key, with its blank, if there is any. Without it the key is sent as it is.",
            &[
                format!("- target: {target}"),
                "  update: {x-tegata-prefix: \"Token \"}".to_owned(),
            ],
        );
        self.open.push(format!(
            "`{}`: the text before the key in `Authorization` (assumed: none)",
            scheme.name
        ));
    }

    fn server(&mut self, outline: &Outline) {
        if outline.base_url.is_some() {
            return;
        }
        self.remark(
            "The server. Without one that can be called as it stands, each program gives its URL to `Client::builder`.",
            &[
                "- target: $.servers".to_owned(),
                "  remove: true".to_owned(),
                "- target: $".to_owned(),
                "  update: {servers: [{url: \"https://api.example.com/v1\"}]}".to_owned(),
            ],
        );
        self.open
            .push("the server: each program gives its URL to `Client::builder`".to_owned());
    }

    fn scheme(&mut self) {
        self.remark(
            "How calls are authenticated, of which the document says nothing that a client can do.",
            &[
                "- target: $".to_owned(),
                "  update:".to_owned(),
                "    components: {securitySchemes: {key: {type: apiKey, in: header, name: X-Api-Key}}}".to_owned(),
                "    security: [{key: []}]".to_owned(),
            ],
        );
        self.open
            .push("a security scheme: without one, no call carries a credential".to_owned());
    }

    fn refusal(&mut self) {
        self.action(
            "How the API refuses a credential: by these statuses, and if answers have codes, `body: {codes: [..]}`.",
            &[
                "- target: $".to_owned(),
                "  update:".to_owned(),
                "    x-tegata-refusal: {statuses: [401]}".to_owned(),
                "    x-tegata-evidence: {class: assumed, note: \"What RFC 9110, section 15.5.2, has for it\"}".to_owned(),
            ],
        );
        self.open
            .push("how a credential is refused (assumed: by status 401)".to_owned());
    }

    fn action(&mut self, words: &str, lines: &[String]) {
        self.lines(words, "  ", lines);
    }

    /// An action that is not applied until its marks are taken off.
    fn remark(&mut self, words: &str, lines: &[String]) {
        self.lines(words, "  # ", lines);
    }

    fn lines(&mut self, words: &str, before: &str, lines: &[String]) {
        let _ = writeln!(self.text, "  # {words}");
        for line in lines {
            let _ = writeln!(self.text, "{before}{line}");
        }
    }
}

fn target(schemes: &str, name: &str) -> String {
    let name = name.replace('\\', "\\\\").replace('\'', "\\'");
    quoted(&format!("{schemes}['{name}']"))
}

/// A text as YAML and JSON have it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn comment(text: &str) -> String {
    text.replace(char::is_control, " ")
}
