//! Where a reference leads: the whole pointer counts, in the file that it names.

use crate::node::Node;
use crate::read::{Files, percent_decoded};

/// A place by its file and pointer, so that two references to one schema are known as such.
pub(crate) type Key = (u32, String);

/// Chains of references end here, also those that lead back to their beginning.
const LONGEST_CHAIN: usize = 50;

/// What a value with a `$ref` stands for: the first value that is not just another reference.
///
/// # Errors
/// Says why it leads nowhere.
pub(crate) fn target<'a>(files: &'a Files, node: &'a Node) -> Result<(&'a Node, Key), String> {
    let mut node = node;
    for _ in 0..LONGEST_CHAIN {
        let Some(reference) = node.text_of("$ref") else {
            return Err("no reference".to_owned());
        };
        let (file, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        let file = files.find(node.place.file, file)?;
        let pointer = percent_decoded(pointer).into_owned();
        let tree = files
            .tree(file)
            .ok_or_else(|| format!("`{reference}` was not read"))?;
        if !pointer.is_empty() && !pointer.starts_with('/') {
            return Err(format!("`{reference}` is no JSON pointer"));
        }
        let found = tree
            .pointer(&pointer)
            .ok_or_else(|| format!("nothing stands at `{reference}`"))?;
        if found.text_of("$ref").is_none() || found.as_map().is_some_and(|it| it.len() > 1) {
            return Ok((found, (file, pointer)));
        }
        node = found;
    }
    Err("the references lead in a circle".to_owned())
}

/// The value itself, or what it refers to.
///
/// # Errors
/// Says why the reference leads nowhere.
pub(crate) fn resolved<'a>(files: &'a Files, node: &'a Node) -> Result<&'a Node, String> {
    let mut node = node;
    for _ in 0..LONGEST_CHAIN {
        if node.text_of("$ref").is_none() {
            return Ok(node);
        }
        node = target(files, node)?.0;
    }
    Err("the references lead in a circle".to_owned())
}
