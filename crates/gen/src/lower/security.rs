//! Security schemes and which operation takes which.

mod extensions;
mod login;
mod requirements;

use super::parameters::HeaderName;
use super::{Lowering, references::resolved};
use crate::Error;
use crate::node::Node;
use crate::read::Files;
use crate::report::Way;
pub(crate) use extensions::Refusal;
pub(crate) use login::{ClientAuth, Flow, Grant, Login};
pub(crate) use requirements::Requirement;

/// A scheme whose credential can be attached.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scheme {
    pub(crate) name: String,
    pub(crate) placement: Placement,
    /// How tokens for it are got, where the document says so.
    pub(crate) login: Option<Login>,
    pub(crate) description: Option<String>,
    pub(crate) kind: String,
}

/// Where a credential travels.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Placement {
    Header(String),
    Bearer,
    Basic,
    Query(String),
    Cookie(String),
    /// In a place, behind a text.
    Prefixed(String, Box<Self>),
}

/// One of the things that an operation takes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Alternative {
    /// The indices of schemes of which all are sent. Without any, it works without a credential.
    Of(Vec<usize>),
    /// Schemes that cannot be attached, in words.
    Unusable(String),
}

/// What a token of a scheme has to be good for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scopes {
    pub(crate) scheme: String,
    pub(crate) names: Vec<String>,
}

/// The schemes that are usable, and all as the document has them.
pub(super) fn schemes(files: &Files) -> Result<(Vec<Scheme>, Vec<Way>), Error> {
    let (mut schemes, mut ways) = (Vec::new(), Vec::new());
    let components = files.main().get("components");
    for (name, node) in components
        .into_iter()
        .flat_map(|it| it.members_of("securitySchemes"))
    {
        let node = resolved(files, node).unwrap_or(node);
        let placement = placement(files, node)?;
        let kind = kind(node);
        ways.push(Way {
            name: name.clone(),
            kind: kind.clone(),
            usable: placement.is_some(),
        });
        if let Some(placement) = placement {
            schemes.push(Scheme {
                name: name.clone(),
                placement,
                login: login::login(files, node)?,
                description: super::text(node, "description"),
                kind,
            });
        }
    }
    Ok((schemes, ways))
}

/// How the API says that a credential is no longer good, where an overlay says so.
pub(super) fn refusal(files: &Files) -> Result<Refusal, Error> {
    extensions::refusal(files, files.main())
}

fn placement(files: &Files, scheme: &Node) -> Result<Option<Placement>, Error> {
    let name = scheme.text_of("name").map(str::to_owned);
    let place = match (scheme.text_of("type"), scheme.text_of("in")) {
        (Some("apiKey"), Some("header")) => name
            .filter(|it| it.parse::<HeaderName>().is_ok())
            .map(|it| Placement::Header(it.to_lowercase())),
        (Some("apiKey"), Some("query")) => name.map(Placement::Query),
        (Some("apiKey"), Some("cookie")) => name.map(Placement::Cookie),
        (Some("http"), _) => match scheme.text_of("scheme").map(str::to_lowercase).as_deref() {
            Some("basic") => Some(Placement::Basic),
            Some("bearer") => Some(Placement::Bearer),
            _ => None,
        },
        (Some("oauth2" | "openIdConnect"), _) => Some(Placement::Bearer),
        _ => None,
    };
    let is_key = scheme.text_of("type") == Some("apiKey");
    let prefix = extensions::prefix(files, scheme, is_key)?;
    Ok(match (place, prefix) {
        (Some(place), Some(prefix)) => Some(Placement::Prefixed(prefix, Box::new(place))),
        (place, _) => place,
    })
}

/// The type in words, with all flows, also those of OpenAPI 3.2.
fn kind(scheme: &Node) -> String {
    let detail = match scheme.text_of("type").unwrap_or("unknown") {
        "oauth2" => {
            let mut flows: Vec<&str> = scheme
                .members_of("flows")
                .map(|(flow, _)| flow.as_str())
                .collect();
            flows.extend(scheme.text_of("oauth2MetadataUrl").map(|_| "metadata"));
            format!("oauth2: {}", flows.join(", "))
        }
        "http" => format!("http {}", scheme.text_of("scheme").unwrap_or_default()),
        "apiKey" => format!(
            "apiKey in {} `{}`",
            scheme.text_of("in").unwrap_or_default(),
            scheme.text_of("name").unwrap_or_default()
        ),
        other => other.to_owned(),
    };
    crate::report::one_line(&detail)
}

impl Lowering<'_> {
    /// The scopes of the operation, by the schemes whose tokens have to have them, each list once.
    pub(super) fn scopes(&self, operation: &Node) -> Vec<Scopes> {
        let root = self.files.main();
        let security = operation.get("security").or(root.get("security"));
        let mut found = Vec::new();
        let alternatives = security.and_then(Node::as_list).unwrap_or_default();
        for (name, scopes) in alternatives.iter().filter_map(Node::as_map).flatten() {
            let names = scopes.as_list().unwrap_or_default().iter();
            let scopes = Scopes {
                scheme: name.clone(),
                names: names
                    .filter_map(|it| it.as_text().map(str::to_owned))
                    .collect(),
            };
            let is_token = |it: &Scheme| it.name == *name && it.is_token();
            let is_new = !scopes.names.is_empty() && !found.contains(&scopes);
            if is_new && self.schemes.iter().any(is_token) {
                found.push(scopes);
            }
        }
        found
    }
}

impl Scheme {
    /// Whether its credential is an access token, which has to be got first.
    pub(crate) fn is_token(&self) -> bool {
        self.kind.starts_with("oauth2") || self.kind.starts_with("openIdConnect")
    }

    /// What its credential fills, and its name; that of a header in small letters.
    pub(crate) fn place(&self) -> (&'static str, &str) {
        fn of(placement: &Placement) -> (&'static str, &str) {
            match placement {
                Placement::Header(name) => ("header", name),
                Placement::Bearer | Placement::Basic => ("header", "authorization"),
                Placement::Query(name) => ("query", name),
                Placement::Cookie(name) => ("cookie", name),
                Placement::Prefixed(_, place) => of(place),
            }
        }
        of(&self.placement)
    }
}
