//! Several documents of one vendor as one: equal parts are joined, and unequal ones of one name are kept apart.

mod names;
mod operations;
mod places;
mod references;
mod servers;
mod shape;

use crate::lower::kinds;
use crate::node::{Map, Node, Place, Value};
use crate::read::Files;
use crate::{Error, keys};
use names::Names;
use operations::Document;

/// Makes the document itself out of the documents that were opened together. They are of OpenAPI 3.
///
/// # Errors
/// If two of them say different things that have to be one, such as how a credential is refused.
pub(crate) fn join(files: &mut Files) -> Result<(), Error> {
    let mut trees: Vec<(u32, Node)> = files
        .documents()
        .iter()
        .map(|file| (*file, files.tree(*file).cloned().unwrap_or_default()))
        .collect();
    places::complete(files, &mut trees)?;
    let names = Names::of(files, &trees);
    for (place, detail) in &names.kept_apart {
        files.note(kinds::KEPT_APART, *place, detail.clone());
    }
    let mut root = Map::new();
    let place = Place::default();
    root.insert(
        "openapi".to_owned(),
        Node::text_at(place, versions(&trees).join(", ")),
    );
    root.insert("info".to_owned(), info(&trees));
    let mut documents = Vec::new();
    for (file, tree) in trees {
        documents.push(Document::of(files, file, tree, &names)?);
    }
    servers::fold(&mut documents);
    let servers = documents.iter().find_map(|it| it.servers.clone());
    let url = servers.as_ref().map(shape::text_of);
    let security = common_security(&documents);
    for it in &mut documents {
        let own = it.servers.as_ref().map(shape::text_of);
        it.is_elsewhere = own.is_some() && own != url;
        it.says_security = security.is_none();
    }
    root.extend(servers.map(|it| ("servers".to_owned(), it)));
    root.extend(security.map(|it| ("security".to_owned(), it)));
    let map = |map: Map| Node::new(place, Value::Map(map));
    let mut paths = Map::new();
    for it in &mut documents {
        for (place, detail) in operations::add(&mut paths, it) {
            files.note(kinds::SAME_OPERATION, place, detail);
        }
    }
    root.insert("paths".to_owned(), map(paths));
    root.insert("components".to_owned(), map(names.components(&documents)));
    let alike = refused_alike(files, &documents);
    for it in documents {
        further(files, &mut root, it.tree)?;
    }
    alike?;
    *files.main_mut() = map(root);
    Ok(())
}

fn versions(trees: &[(u32, Node)]) -> Vec<String> {
    let mut versions = Vec::new();
    for (_, tree) in trees {
        let version = ["swagger", "openapi"]
            .iter()
            .find_map(|it| tree.get(it)?.scalar_text());
        versions.extend(version.filter(|it| !versions.contains(it)));
    }
    versions
}

/// That with the title which most of the documents have.
fn info(trees: &[(u32, Node)]) -> Node {
    let all = || trees.iter().filter_map(|(_, it)| it.get("info"));
    let count = |info: &&Node| {
        all()
            .filter(|it| {
                it.get("title").map(|it| &it.value) == info.get("title").map(|it| &it.value)
            })
            .count()
    };
    // Of several the first.
    all().rev().max_by_key(count).cloned().unwrap_or_default()
}

/// What requests take that no operation makes, if all documents agree on it.
fn common_security(documents: &[Document]) -> Option<Node> {
    let first = documents.first()?.tree.get("security")?;
    let text = shape::text_of(first);
    let is_same = |it: &Document| {
        let own = it.tree.get("security");
        own.is_some_and(|it| shape::text_of(it) == text)
    };
    documents.iter().all(is_same).then(|| first.clone())
}

/// How a credential is refused holds for all requests of a client, so no document may be silent about it if another is not.
fn refused_alike(files: &Files, documents: &[Document]) -> Result<(), Error> {
    let key = keys::REFUSED.name;
    let Some(there) = documents.iter().find_map(|it| it.tree.get(key)) else {
        return Ok(());
    };
    let Some(silent) = documents.iter().find(|it| it.tree.get(key).is_none()) else {
        return Ok(());
    };
    let what = format!("`{key}` is not said for {}", silent.stem);
    let error = Error::new(what, "say it once, by an overlay without `extends`");
    Err(error.placed(files.show(there.place)))
}

/// Lists are joined; of extensions of ours there is one.
fn further(files: &Files, root: &mut Map, tree: Node) -> Result<(), Error> {
    let Value::Map(members) = tree.value else {
        return Ok(());
    };
    for (key, node) in members {
        if key == "tags" || key == "webhooks" {
            match root.get_mut(&key) {
                Some(there) => crate::overlay::merge(there, &node),
                None => drop(root.insert(key, node)),
            }
        } else if key.starts_with("x-") {
            let there = root.entry(key.clone()).or_insert_with(|| node.clone());
            if key.starts_with("x-tegata-") && shape::text_of(there) != shape::text_of(&node) {
                let what = format!("`{key}` differs from that of {}", files.show(there.place));
                let error = Error::new(what, "say it once, by an overlay without `extends`");
                return Err(error.placed(files.show(node.place)));
            }
        }
    }
    Ok(())
}
