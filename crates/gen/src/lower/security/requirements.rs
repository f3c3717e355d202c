//! What `security` says of an operation. What cannot be understood is an error: left out, the operation would go out
//! without a credential.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::Error;
use crate::lower::{Lowering, kinds};
use crate::node::{Node, Place, Value};
use crate::report::one_line;

use super::Alternative;

/// What the document itself says that an operation takes, whether or not it can be attached.
#[derive(Clone, Debug, Default)]
pub(crate) struct Requirement {
    /// Where it says so.
    pub(crate) place: Option<Place>,
    /// One of these: schemes that go together, with the scopes of each. Nothing if no credential is needed.
    pub(crate) alternatives: BTreeSet<BTreeMap<String, BTreeSet<String>>>,
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.alternatives.is_empty() {
            return f.write_str("nothing");
        }
        let scheme = |(name, scopes): (&String, &BTreeSet<String>)| {
            let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
            match scopes.len() {
                0 => format!("`{name}`"),
                _ => format!("`{name}` ({})", scopes.join(" ")),
            }
        };
        let all = self.alternatives.iter().map(|schemes| {
            let schemes: Vec<String> = schemes.iter().map(scheme).collect();
            match schemes.len() {
                0 => "nothing".to_owned(),
                _ => schemes.join(" and "),
            }
        });
        f.write_str(&all.collect::<Vec<_>>().join(" or "))
    }
}

impl<'a> Lowering<'a> {
    /// What the document says of the operation, for comparisons.
    pub(in crate::lower) fn requirement(&self, operation: &Node) -> Requirement {
        let root = self.files.main();
        let Some(security) = operation.get("security").or(root.get("security")) else {
            return Requirement::default();
        };
        let scopes = |it: &Node| -> BTreeSet<String> {
            let items = it.as_list().unwrap_or_default().iter();
            items.filter_map(Node::scalar_text).collect()
        };
        let schemes = |it: &Node| {
            let members = it.as_map().into_iter().flatten();
            members
                .map(|(name, it)| (name.clone(), scopes(it)))
                .collect()
        };
        let list = security.as_list().unwrap_or_default().iter();
        let mut alternatives: BTreeSet<BTreeMap<_, _>> = list.map(schemes).collect();
        if alternatives.iter().all(BTreeMap::is_empty) {
            alternatives.clear();
        }
        Requirement {
            place: Some(security.place),
            alternatives,
        }
    }

    /// What the operation takes: one of these. Nothing if it takes no credential.
    pub(in crate::lower) fn security(
        &mut self,
        operation: &'a Node,
    ) -> Result<Vec<Alternative>, Error> {
        let root = self.files.main();
        let Some(security) = operation.get("security").or(root.get("security")) else {
            return Ok(Vec::new());
        };
        let Value::List(alternatives) = &security.value else {
            return Err(self.no_list(security));
        };
        let (mut found, mut unusable) = (Vec::new(), Vec::new());
        for alternative in alternatives {
            let read = self.alternative(alternative, operation)?;
            let list = match read {
                Alternative::Of(_) => &mut found,
                Alternative::Unusable(_) => &mut unusable,
            };
            if !list.contains(&read) {
                list.push(read);
            }
        }
        let is_none = |it: &Alternative| matches!(it, Alternative::Of(all) if all.is_empty());
        if found.is_empty() {
            for it in &unusable {
                if let Alternative::Unusable(what) = it {
                    self.schemas
                        .remark(kinds::SECURITY_REFUSED, operation, what);
                }
            }
            return Ok(unusable);
        }
        // A credential that is there is sent, though the operation would work without.
        found.sort_by_key(is_none);
        if found.iter().all(is_none) {
            found.clear();
        }
        Ok(found)
    }

    fn alternative(
        &mut self,
        alternative: &Node,
        operation: &'a Node,
    ) -> Result<Alternative, Error> {
        let Value::Map(names) = &alternative.value else {
            return Err(self.no_list(alternative));
        };
        let (mut all, mut unusable) = (Vec::new(), Vec::new());
        for (name, scopes) in names {
            if let Some(index) = self.schemes.iter().position(|it| it.name == *name) {
                all.push(index);
            } else if self
                .schemas
                .report
                .schemes
                .iter()
                .any(|it| it.name == *name)
            {
                self.schemas
                    .remark(kinds::SECURITY_UNKNOWN, operation, name);
                unusable.push(name.as_str());
            } else {
                return Err(self.unknown(name, scopes));
            }
        }
        if !unusable.is_empty() {
            let names = one_line(&unusable.join(" and "));
            let what = format!("{names}, which cannot be attached");
            return Ok(Alternative::Unusable(what));
        }
        let mut places: Vec<_> = all.iter().map(|it| self.schemes[*it].place()).collect();
        places.sort_unstable();
        let count = places.len();
        places.dedup();
        if places.len() < count {
            self.schemas.remark(kinds::SECURITY_PLACE, operation, "");
            let names: Vec<&str> = names.keys().map(String::as_str).collect();
            let names = one_line(&names.join(" and "));
            let what = format!("{names}, which cannot be attached together");
            return Ok(Alternative::Unusable(what));
        }
        Ok(Alternative::Of(all))
    }

    fn unknown(&self, name: &str, node: &Node) -> Error {
        let known = self.schemas.report.schemes.iter();
        let known: Vec<String> = known
            .map(|it| format!("`{}`", one_line(&it.name)))
            .collect();
        let fix = if known.is_empty() {
            "the document has no security scheme: add it by an overlay".to_owned()
        } else {
            let known = known.join(", ");
            format!("use one of {known}, or add the scheme by an overlay")
        };
        let what = format!("`security` names `{}`, which is no scheme", one_line(name));
        Error::new(what, fix).placed(self.files.show(node.place))
    }

    fn no_list(&self, node: &Node) -> Error {
        let what = "`security` is no list of maps with names of schemes";
        let fix = "write such as `[{name: []}]`, or `[]` for no credential";
        Error::new(what, fix).placed(self.files.show(node.place))
    }
}
