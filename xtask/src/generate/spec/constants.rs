//! The names in the generated table of security: each is there once.

use std::collections::BTreeMap;

use super::super::findings::Findings;
use super::super::names::is_identifier;
use super::super::place::Place;
use super::Api;

pub(super) fn check(api: &Api, findings: &mut Findings<'_>) {
    let top = Place::default();
    let mut all = vec![("PROVIDER", "the table itself".to_owned(), top.clone())];
    for scheme in &api.schemes {
        let place = top
            .child("components")
            .child("securitySchemes")
            .child(&scheme.name);
        all.push((
            &scheme.constant,
            format!("the scheme `{}`", scheme.name),
            place,
        ));
    }
    for operation in &api.operations {
        let place = top
            .child("paths")
            .child(&operation.path)
            .child(&operation.method.to_ascii_lowercase());
        all.push((
            &operation.constant,
            format!("the operation `{}`", operation.id),
            place,
        ));
    }
    for server in &api.servers {
        all.push((
            &server.constant,
            format!("the server `{}`", server.name),
            top.child("servers"),
        ));
    }
    for lifetime in &api.lifetimes {
        let place = top.child("x-tegata-lifetimes").child(&lifetime.name);
        all.push((
            &lifetime.constant,
            format!("the lifetime `{}`", lifetime.name),
            place,
        ));
    }
    let mut seen: BTreeMap<&str, String> = BTreeMap::new();
    for (constant, what, place) in all {
        if !is_identifier(constant) {
            findings.at_place(
                &place,
                format!("no constant can be named after {what}"),
                "choose a name of letters, digits and `_`",
            );
        }
        if let Some(first) = seen.insert(constant, what.clone()) {
            findings.at_place(
                &place,
                format!("{first} and {what} become the same constant, `{constant}`"),
                "choose another name for one of them",
            );
        }
    }
}
