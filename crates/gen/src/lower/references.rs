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
    let Some(reference) = node.text_of("$ref") else {
        return Err("no reference".to_owned());
    };
    target_of(files, node.place.file, reference)
}

/// What a reference in a file stands for, likewise.
///
/// # Errors
/// Says why it leads nowhere.
pub(crate) fn target_of<'a>(
    files: &'a Files,
    file: u32,
    reference: &str,
) -> Result<(&'a Node, Key), String> {
    let (mut found, mut key) = at(files, file, reference)?;
    for _ in 0..LONGEST_CHAIN {
        let next = found.text_of("$ref");
        let Some(next) = next.filter(|_| found.as_map().is_none_or(|it| it.len() == 1)) else {
            return Ok((found, key));
        };
        (found, key) = at(files, found.place.file, next)?;
    }
    Err("the references lead in a circle".to_owned())
}

fn at<'a>(files: &'a Files, file: u32, reference: &str) -> Result<(&'a Node, Key), String> {
    let (path, pointer) = reference.split_once('#').unwrap_or((reference, ""));
    let file = files.find(file, path)?;
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
    Ok((found, (file, pointer)))
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
