//! Token endpoints of RFC 6749: what their clients have to know, from the operations that they are.

use super::super::document::Document;
use super::super::findings::Findings;
use super::super::names::{did_you_mean, is_argument, snake};
use super::super::node::Node;
use super::Api;
use super::api::{ClientAuth, Extra, Operation, Placement, Scheme, TokenServer, Url};
use super::token_answers::url;
use super::walk::{Site, sites};

const ISSUED_BY: &str = "x-tegata-issued-by";

/// The lifetime of an access token whose answer does not say it.
const LIFETIME: &str = "access-token";

/// The parameter that makes a token request one of RFC 6749.
const GRANT_TYPE: &str = "grant_type";

/// The token endpoints whose tokens a scheme takes.
pub(super) fn all(document: &Document, api: &Api, findings: &mut Findings<'_>) -> Vec<TokenServer> {
    check_marks(document, api, findings);
    let sites = sites(document);
    let servers = sites.iter().filter_map(|site| {
        let operation = operation(api, site)?;
        one(document, api, &sites, site, operation, findings)
    });
    servers.collect()
}

/// The operations of `x-tegata-issued-by` are token endpoints of RFC 6749.
fn check_marks(document: &Document, api: &Api, findings: &mut Findings<'_>) {
    let sites = sites(document);
    let issuing: Vec<&str> = sites
        .iter()
        .filter_map(|site| Some((site, operation(api, site)?)))
        .filter(|(site, it)| takes_grant(&parameters(document, site), it))
        .map(|(_, it)| it.id.as_str())
        .collect();
    for (_, scheme) in schemes(document) {
        let Some(mark) = scheme.get(ISSUED_BY) else {
            continue;
        };
        if scheme.text_of("type") == Some("oauth2") {
            findings.at(
                &mark,
                format!("`{ISSUED_BY}` is for schemes without flows"),
                "leave it out: the `tokenUrl` of a flow says where its tokens come from",
            );
        }
        if mark.items().is_empty() {
            let fix = format!("write `{ISSUED_BY}: [<operationId>]`");
            findings.at(&mark, "must be a list of operations", fix);
        }
        for item in mark.items() {
            let name = item.text().unwrap_or_default();
            if !issuing.contains(&name) {
                let near = did_you_mean(name, &issuing);
                findings.at(
                    &item,
                    format!("no operation `{name}` issues a token for a `{GRANT_TYPE}`"),
                    format!("{near}those that do are: {}", issuing.join(", ")),
                );
            }
        }
    }
}

/// Whether an operation is a token endpoint of RFC 6749.
fn takes_grant(parameters: &[Sent<'_>], operation: &Operation) -> bool {
    operation.token.is_some() && parameters.iter().any(|it| it.name == GRANT_TYPE)
}

fn one(
    document: &Document,
    api: &Api,
    sites: &[Site<'_>],
    site: &Site<'_>,
    operation: &Operation,
    findings: &mut Findings<'_>,
) -> Option<TokenServer> {
    let parameters = parameters(document, site);
    let is_sent = |name: &str| parameters.iter().any(|it| it.name == name);
    if !takes_grant(&parameters, operation) {
        return None;
    }
    let (scheme, flow) = issued_for(document, api, site, operation)?;
    let url_of = |key: &str| {
        let whole = flow.as_ref()?.text_of(key)?;
        let same_server = |it: &&Operation| it.server == operation.server;
        let other = operation_at(document, api, sites, whole).filter(same_server);
        Some(match other {
            Some(other) => Url::Below(other.constant.clone()),
            None => Url::Whole(whole.to_owned()),
        })
    };
    let is_basic = |it: &String| {
        let scheme = api.scheme(it);
        scheme.is_some_and(|it| it.placement == Placement::Basic)
    };
    let client_auth = if operation.security.iter().any(is_basic) {
        ClientAuth::Basic
    } else if is_sent("client_secret") {
        ClientAuth::Post
    } else {
        ClientAuth::Public
    };
    let authorization = url_of("authorizationUrl");
    let own = Url::Below(operation.constant.clone());
    let mut lifetimes = api.lifetimes.iter();
    let lifetime = lifetimes.find(|it| it.name == LIFETIME);
    Some(TokenServer {
        function: format!("{}_server", operation.id),
        operation: operation.id.clone(),
        constant: operation.constant.clone(),
        refresh: url_of("refreshUrl").filter(|it| *it != own),
        pkce: takes_challenge(api, authorization.as_ref()),
        authorization,
        client_auth,
        format: format(site),
        refreshes: is_sent("refresh_token"),
        extras: extras(parameters, findings),
        lifetime: lifetime.map(|it| it.constant.clone()),
        scheme: scheme.constant.clone(),
        evidence: operation.evidence.clone(),
    })
}

/// Whether users may be sent there with a challenge: unless the query is described, and without one.
fn takes_challenge(api: &Api, authorization: Option<&Url>) -> bool {
    let Some(Url::Below(constant)) = authorization else {
        return true;
    };
    let operation = api.operations.iter().find(|it| it.constant == *constant);
    let query = operation.and_then(|it| it.browser_query.as_ref());
    query.is_none_or(|it| it.iter().any(|it| it.name == "code_challenge"))
}

/// The operation with this URL.
fn operation_at<'a>(
    document: &Document,
    api: &'a Api,
    sites: &[Site<'_>],
    whole: &str,
) -> Option<&'a Operation> {
    let is_there = |it: &&Site<'_>| url(document, it).as_deref() == Some(whole);
    operation(api, sites.iter().find(is_there)?)
}

/// The scheme that takes the operation's tokens, and the flow that names the operation.
fn issued_for<'a>(
    document: &'a Document,
    api: &'a Api,
    site: &Site<'a>,
    operation: &Operation,
) -> Option<(&'a Scheme, Option<Node<'a>>)> {
    let here = url(document, site)?;
    let all = schemes(document);
    let mut found = all.iter().filter_map(|(name, node)| {
        let scheme = api.schemes.iter().find(|it| it.name == *name)?;
        let mut flows = node.members_of("flows").into_iter();
        let flow = flows.find(|(_, flow)| flow.text_of("tokenUrl") == Some(&here));
        let marked = node.items_of(ISSUED_BY);
        let is_marked = marked
            .iter()
            .any(|it| it.text() == Some(operation.id.as_str()));
        (flow.is_some() || is_marked).then(|| (scheme, flow.map(|(_, flow)| flow)))
    });
    found.next()
}

fn schemes(document: &Document) -> Vec<(String, Node<'_>)> {
    document
        .root()
        .members_of_path(&["components", "securitySchemes"])
}

fn operation<'a>(api: &'a Api, site: &Site<'_>) -> Option<&'a Operation> {
    let method = site.method.to_ascii_uppercase();
    let mut all = api.operations.iter();
    all.find(|it| it.path == site.path && it.method == method)
}

/// How parameters are sent: the name of a `RequestFormat`.
fn format(site: &Site<'_>) -> &'static str {
    let content = site
        .node
        .at(&["requestBody", "content"])
        .map(|it| it.members());
    match content.as_deref().and_then(<[_]>::first) {
        Some((media, _)) if media.ends_with("json") => "Json",
        Some(_) => "Form",
        None if site.method == "get" => "GetQuery",
        None => "PostQuery",
    }
}

/// A parameter of a token request.
struct Sent<'a> {
    name: String,
    schema: Option<Node<'a>>,
    node: Node<'a>,
    is_required: bool,
}

/// Those of the body, or of the query without one. Of several shapes, what all require is required.
fn parameters<'a>(document: &'a Document, site: &Site<'a>) -> Vec<Sent<'a>> {
    let content = site
        .node
        .at(&["requestBody", "content"])
        .map(|it| it.members());
    let Some((_, media)) = content.and_then(|it| it.into_iter().next()) else {
        let all = site.parameters(document).into_iter();
        let sent = all.filter(|it| it.place_in == "query").map(|it| Sent {
            name: it.name.to_owned(),
            schema: it.node.get("schema").and_then(|it| document.resolve(&it)),
            is_required: it.node.is("required"),
            node: it.node,
        });
        return sent.collect();
    };
    let Some(body) = media.get("schema").and_then(|it| document.resolve(&it)) else {
        return Vec::new();
    };
    let mut shapes = vec![body.clone()];
    shapes.extend(body.items_of("oneOf"));
    shapes.retain(|it| it.get("properties").is_some());
    let requires = |shape: &Node<'_>, name: &str| {
        let required = shape.items_of("required");
        required.iter().any(|it| it.text() == Some(name))
    };
    let mut sent: Vec<Sent<'a>> = Vec::new();
    for (name, node) in shapes.iter().flat_map(|it| it.members_of("properties")) {
        if !sent.iter().any(|it| it.name == name) {
            sent.push(Sent {
                is_required: shapes.iter().all(|it| requires(it, &name)),
                schema: document.resolve(&node),
                name,
                node,
            });
        }
    }
    sent
}

/// Parameters that the library does not send by itself.
fn extras(parameters: Vec<Sent<'_>>, findings: &mut Findings<'_>) -> Vec<Extra> {
    let is_extra = |it: &Sent<'_>| !tegata_gen::parts::is_sent_by_itself(&it.name);
    let mut extras = Vec::new();
    for it in parameters.into_iter().filter(is_extra) {
        if !is_argument(&it.name) {
            findings.at(
                &it.node,
                format!("no argument can be named after the parameter `{}`", it.name),
                "use a name of letters, digits and `_`",
            );
        }
        let values = it.schema.map(|it| it.items_of("enum")).unwrap_or_default();
        let only = match values.as_slice() {
            [only] if it.is_required => only.text().map(str::to_owned),
            _ => None,
        };
        extras.push(Extra {
            argument: snake(&it.name),
            name: it.name,
            only,
            is_required: it.is_required,
        });
    }
    extras
}
