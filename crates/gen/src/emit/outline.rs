//! The names of the code that was written.

use std::collections::HashMap;

use super::{builder, login};
use crate::lower::{Alternative, Grant, Lowered, Placement, Scheme};
use crate::outline::{CredentialPlace, Outline, OutlinedOperation, OutlinedScheme, OutlinedServer};

/// The outline of a crate with these operations.
pub(super) fn outline(lowered: &Lowered, operations: &syn::File) -> Outline {
    let methods = builder::method_names(lowered);
    let servers = login::named(lowered);
    let schemes = lowered.schemes.iter().zip(methods).zip(servers);
    let schemes = schemes.map(|((scheme, methods), servers)| {
        let (prefix, place) = place(&scheme.placement);
        OutlinedScheme {
            name: scheme.name.clone(),
            place,
            prefix,
            method: methods.own.to_string(),
            access_token: scheme.is_token().then(|| methods.access_token.to_string()),
            servers: of_servers(scheme, &servers),
        }
    });
    let arguments = arguments(operations);
    let operations = lowered.operations.iter().map(|it| OutlinedOperation {
        method_name: it.id.clone(),
        method: it.method.clone(),
        path: it.path.clone(),
        is_of_api: it.server == 0,
        security: it.security.iter().filter_map(usable).collect(),
        arguments: arguments.get(&it.id).cloned().unwrap_or_default(),
    });
    Outline {
        base_url: builder::default_url(lowered).map(str::to_owned),
        schemes: schemes.collect(),
        default_security: lowered.default_security.iter().filter_map(usable).collect(),
        operations: operations.collect(),
    }
}

fn usable(alternative: &Alternative) -> Option<Vec<usize>> {
    match alternative {
        Alternative::Of(schemes) => Some(schemes.clone()),
        Alternative::Unusable(_) => None,
    }
}

fn place(placement: &Placement) -> (Option<String>, CredentialPlace) {
    let place = match placement {
        Placement::Header(name) => CredentialPlace::Header(name.clone()),
        Placement::Bearer => CredentialPlace::Bearer,
        Placement::Basic => CredentialPlace::Basic,
        Placement::Query(name) => CredentialPlace::Query(name.clone()),
        Placement::Cookie(name) => CredentialPlace::Cookie(name.clone()),
        Placement::Prefixed(prefix, inner) => return (Some(prefix.clone()), place_of(inner)),
    };
    (None, place)
}

fn place_of(placement: &Placement) -> CredentialPlace {
    place(placement).1
}

fn of_servers(scheme: &Scheme, named: &[login::Named]) -> Vec<OutlinedServer> {
    let server = |it: &login::Named| {
        let flows = scheme.login.iter().flat_map(|login| &login.flows);
        let mut flows = flows.filter(|flow| it.grants.contains(&flow.grant));
        let first = flows.next();
        OutlinedServer {
            function: it.name.to_string(),
            flows: it.grants.iter().copied().map(flow).collect(),
            token_url: first.map(|flow| flow.token_url.clone()).unwrap_or_default(),
            start_url: first
                .into_iter()
                .chain(flows)
                .find_map(|flow| flow.start_url.clone()),
            takes_base_url: it.takes(login::Argument::BaseUrl),
            takes_client_auth: it.takes(login::Argument::ClientAuth),
            is_public: it.is_public,
        }
    };
    // No emulator serves metadata by which one is discovered.
    let described = named.iter().filter(|it| !it.is_discovered);
    described.map(server).collect()
}

fn flow(grant: Grant) -> &'static str {
    match grant {
        Grant::AuthorizationCode => "authorizationCode",
        Grant::ClientCredentials => "clientCredentials",
        Grant::DeviceCode => "deviceCode",
    }
}

/// The arguments of every method, by its name: whether each is an `Option`.
fn arguments(operations: &syn::File) -> HashMap<String, Vec<bool>> {
    let blocks = operations.items.iter().filter_map(|item| match item {
        syn::Item::Impl(block) => Some(block),
        _ => None,
    });
    let methods = blocks
        .flat_map(|block| &block.items)
        .filter_map(|item| match item {
            syn::ImplItem::Fn(method) if method.sig.asyncness.is_some() => Some(&method.sig),
            _ => None,
        });
    let of = |signature: &syn::Signature| {
        let typed = signature.inputs.iter().filter_map(|it| match it {
            syn::FnArg::Typed(argument) => Some(is_option(&argument.ty)),
            syn::FnArg::Receiver(_) => None,
        });
        (signature.ident.to_string(), typed.collect())
    };
    methods.map(of).collect()
}

fn is_option(kind: &syn::Type) -> bool {
    let syn::Type::Path(path) = kind else {
        return false;
    };
    path.path
        .segments
        .last()
        .is_some_and(|it| it.ident == "Option")
}
