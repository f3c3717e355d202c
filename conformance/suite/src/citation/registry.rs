//! The registry of all rows, by id.

use super::outside::Standing;
use super::{Binds, Document, Evidence, Keyword, Outside};

/// Every citation of the suite.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    /// The documents, each with the path of its citation file.
    pub documents: Vec<(String, Document)>,
    /// The rows from outside the documents, each with the path of its citation file.
    pub outside: Vec<(String, Outside)>,
}

/// One row, whatever its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// Its id.
    pub id: &'a str,
    /// The citation file it stands in.
    pub file: &'a str,
    /// What kind of evidence it is.
    pub evidence: Evidence,
    /// How strongly it speaks. Witnesses and assumptions state facts.
    pub keyword: Keyword,
    /// Whom it binds. Witnesses and assumptions bind no party by themselves.
    pub binds: Binds,
    /// What it says; empty if `same_as` says it.
    pub says: &'a str,
    /// Where it can be read.
    pub place: String,
    /// The statement that says the same in another language.
    pub same_as: Option<&'a str>,
    /// Why no case checks it.
    pub unchecked: Option<&'a str>,
}

impl Registry {
    /// The row of an id.
    pub fn get(&self, id: &str) -> Option<Row<'_>> {
        self.rows().into_iter().find(|row| row.id == id)
    }

    /// Every row, in the order of the files.
    pub fn rows(&self) -> Vec<Row<'_>> {
        let documented = self.documents.iter().flat_map(|(file, document)| {
            document.citation.iter().map(move |row| Row {
                id: &row.id,
                file,
                evidence: Evidence::Documented,
                keyword: row.keyword,
                binds: row.binds,
                says: row.says.as_deref().unwrap_or_default(),
                place: format!("{}:{}", document.source, row.lines),
                same_as: row.same_as.as_deref(),
                unchecked: row.unchecked.as_deref(),
            })
        });
        let outside = self
            .outside
            .iter()
            .flat_map(|(file, outside)| outside_rows(file, outside));
        documented.chain(outside).collect()
    }
}

fn outside_rows<'a>(file: &'a str, outside: &'a Outside) -> impl Iterator<Item = Row<'a>> {
    let clauses = outside.clause.iter().map(move |row| Row {
        id: &row.id,
        file,
        evidence: Evidence::Rfc,
        keyword: row.keyword,
        binds: row.binds,
        says: &row.says,
        place: format!("RFC {} section {}", row.rfc, row.section),
        same_as: None,
        unchecked: row.unchecked.as_deref(),
    });
    let witnesses = outside.witness.iter().map(move |row| Row {
        id: &row.id,
        file,
        evidence: match row.class {
            Standing::Vendor => Evidence::Vendor,
            Standing::Reported => Evidence::Reported,
        },
        keyword: Keyword::Fact,
        binds: Binds::Nobody,
        says: &row.says,
        place: row.source.clone(),
        same_as: None,
        unchecked: row.unchecked.as_deref(),
    });
    let assumptions = outside.assumption.iter().map(move |row| Row {
        id: &row.id,
        file,
        evidence: Evidence::Assumed,
        keyword: Keyword::Fact,
        binds: Binds::Nobody,
        says: &row.says,
        place: row.note.clone(),
        same_as: None,
        unchecked: None,
    });
    clauses.chain(witnesses).chain(assumptions)
}
