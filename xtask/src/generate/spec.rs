//! Reading a spec: everything that is wrong with it is found, and what we generate from is kept.

mod api;
mod bodies;
mod cited;
mod components;
mod constants;
mod evidence;
mod facts;
mod info;
mod keys;
mod known_keys;
mod lifetimes;
mod model;
mod named;
mod operations;
mod parameters;
mod refusal;
mod responses;
mod schemas;
mod secrets;
mod security;
mod servers;
mod token_answers;
mod token_servers;
mod walk;

pub(crate) use api::{
    Api, Argument, ClientAuth, Extra, Kind, Lifetime, NamedSchema, Operation, Placement, Scheme,
    Server, TokenAnswer, TokenServer, Url,
};
pub(crate) use evidence::Evidence;
pub(crate) use facts::Fact;
pub(crate) use walk::sites;

use super::document::Document;
use super::findings::Findings;
use super::sources::Sources;

/// Reads the document. The result is complete only when nothing was found.
pub(crate) fn read(
    document: &Document,
    sources: Option<&Sources>,
    findings: &mut Findings<'_>,
) -> Api {
    let cited = cited::read(document, sources, findings);
    keys::check(document, &cited, findings);
    info::check(document, findings);
    components::check(document, findings);
    schemas::check(document, findings);
    secrets::check(document, findings);
    parameters::check(document, findings);
    bodies::check(document, findings);
    responses::check(document, findings);
    token_answers::check(document, findings);
    let schemes = security::schemes(document, &cited, findings);
    let mut api = Api {
        servers: servers::all(document, &cited, findings),
        default_security: security::default(document, &schemes, findings),
        operations: operations::all(document, &schemes, &cited, findings),
        schemes,
        refusal: refusal::read(document, &cited, findings),
        lifetimes: lifetimes::read(document, &cited, findings),
        token_servers: Vec::new(),
        names: named::all(document, findings),
        facts: facts::all(document, &cited, findings),
    };
    api.token_servers = token_servers::all(document, &api, findings);
    constants::check(&api, findings);
    api
}
