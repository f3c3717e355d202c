//! From the name of a provider, as data files have it, to the provider: which ones there are depends on the files.

use super::{Case, Provider};
use crate::citation::{Assumption, Document, Outside, Witness};
use crate::provider::{Known, Server};

/// A case of which the provider is known, and all servers that it gives base URLs of.
pub(super) fn case(known: &Known, case: Case<String>) -> Result<Case, String> {
    let provider = provider(known, "provider", &case.provider)?;
    for name in case.given.urls.keys() {
        let servers: Vec<&str> = provider.servers().map(Server::name).collect();
        if !servers.contains(&name.as_str()) {
            let servers = servers.join(", ");
            return Err(format!(
                "given.urls.{name}: {} has no such server; name one of {servers}",
                provider.name()
            ));
        }
    }
    Ok(Case {
        provider,
        id: case.id,
        title: case.title,
        operation: case.operation,
        role: case.role,
        level: case.level,
        evidence: case.evidence,
        cite: case.cite,
        conflicts_with: case.conflicts_with,
        needs: case.needs,
        live: case.live,
        given: case.given,
        variants: case.variants,
        step: case.step,
        mutants: case.mutants,
        about: case.about,
    })
}

/// A document of which the provider is known.
pub(super) fn document(known: &Known, document: Document<String>) -> Result<Document, String> {
    Ok(Document {
        provider: provider(known, "provider", &document.provider)?,
        source: document.source,
        file: document.file,
        language: document.language,
        sha256: document.sha256,
        lines: document.lines,
        blank: document.blank,
        citation: document.citation,
        excluded: document.excluded,
    })
}

/// Witnesses and assumptions of which the providers are known.
pub(super) fn outside(known: &Known, outside: Outside<String>) -> Result<Outside, String> {
    let witness = |row: Witness<String>| {
        let named = row.provider.as_deref();
        let named = named.map(|name| provider(known, &format!("{}.provider", row.id), name));
        Ok(Witness {
            provider: named.transpose()?,
            id: row.id,
            class: row.class,
            source: row.source,
            says: row.says,
            unchecked: row.unchecked,
        })
    };
    let assumption = |row: Assumption<String>| {
        Ok(Assumption {
            provider: provider(known, &format!("{}.provider", row.id), &row.provider)?,
            id: row.id,
            says: row.says,
            note: row.note,
        })
    };
    Ok(Outside {
        clause: outside.clause,
        witness: outside
            .witness
            .into_iter()
            .map(witness)
            .collect::<Result<_, String>>()?,
        assumption: outside
            .assumption
            .into_iter()
            .map(assumption)
            .collect::<Result<_, String>>()?,
    })
}

fn provider(known: &Known, place: &str, name: &str) -> Result<Provider, String> {
    let found = known.find(name);
    found.map_err(|error| format!("{place}: {error}"))
}
