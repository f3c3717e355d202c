//! Objects of which others are made by `allOf`: where a discriminator tells those apart, each of them may stand for it.

use std::collections::{HashMap, HashSet};

use serde_json::{Value as Json, json};

use super::flat::Flat;
use super::shape::{Losses, Shape, shape};
use super::union::mapped;
use super::{Schemas, reference_to};
use crate::lower::kinds;
use crate::lower::references::target;
use crate::node::Node;
use crate::read::Files;

/// The schemas with a name that are made of another one, by where that one is in memory.
pub(super) type Heirs<'a> = HashMap<usize, Vec<(&'a str, &'a Node)>>;

impl<'a> Schemas<'a> {
    /// The object as a union of its heirs and itself; nothing if no discriminator tells heirs apart.
    pub(super) fn with_heirs(
        &mut self,
        node: &'a Node,
        flat: &Flat<'a>,
        name: &str,
    ) -> Option<Json> {
        let discriminator = node.get("discriminator")?;
        // In Swagger 2.0 it is the name of the member itself.
        let mark = discriminator
            .as_text()
            .or_else(|| discriminator.text_of("propertyName"))?;
        let heirs = self.heirs_of(node, discriminator, mark);
        if heirs.is_empty() {
            return None;
        }
        let kind = self.name(&format!("{name} kind"), node.place);
        let Some(kinds) = self.tagged(&heirs, mark, &kind) else {
            self.remark(kinds::HEIRS, node, name);
            return None;
        };
        self.done.insert(kind.clone(), kinds);
        // What has none of the marks is read as the object itself: vendors add marks.
        let other = self.name(&format!("{name} other"), node.place);
        let object = self.object(flat, &other, &other);
        self.done.insert(other.clone(), object);
        Some(json!({"oneOf": [reference_to(&kind), reference_to(&other)]}))
    }

    fn heirs_of(
        &mut self,
        node: &'a Node,
        discriminator: &'a Node,
        mark: &str,
    ) -> Vec<(String, &'a Node)> {
        let mut found = Vec::new();
        for (value, it) in discriminator.members_of("mapping") {
            match mapped(self.files, it) {
                Ok((heir, _)) => found.push((value.clone(), heir)),
                Err(why) => self.remark(kinds::REFERENCE, it, &why),
            }
        }
        if found.is_empty() {
            for (name, heir) in self.inherited(node) {
                let own = Flat::of(self.files, heir).properties.get(mark).copied();
                let own = own.and_then(|it| Flat::of(self.files, it.schema).values);
                let own = own.and_then(|it| it.first()?.scalar_text());
                found.push((own.unwrap_or_else(|| name.to_owned()), heir));
            }
        }
        found.retain(|(_, heir)| {
            let mut flat = Flat::of(self.files, heir);
            let shape = shape(self.files, &mut flat, &mut Losses::new());
            matches!(shape, Shape::Object)
        });
        found
    }

    /// All that is made of this one, also by way of others.
    fn inherited(&mut self, node: &'a Node) -> Vec<(&'a str, &'a Node)> {
        let files = self.files;
        let all = self.heirs.get_or_insert_with(|| heirs(files));
        let (mut found, mut seen) = (Vec::new(), HashSet::new());
        let mut next = vec![node];
        while let Some(node) = next.pop() {
            for (name, heir) in all.get(&address(node)).into_iter().flatten() {
                if seen.insert(address(heir)) {
                    found.push((*name, *heir));
                    next.push(heir);
                }
            }
        }
        found
    }
}

fn heirs(files: &Files) -> Heirs<'_> {
    let mut all = Heirs::new();
    let main = files.main();
    let schemas = main
        .get("components")
        .into_iter()
        .flat_map(|it| it.members_of("schemas"))
        .chain(main.members_of("definitions"));
    for (name, schema) in schemas {
        for part in schema.items_of("allOf") {
            if let Ok((parent, _)) = target(files, part) {
                let of_parent = all.entry(address(parent)).or_default();
                of_parent.push((name.as_str(), schema));
            }
        }
    }
    all
}

fn address(node: &Node) -> usize {
    std::ptr::from_ref(node).addr()
}
