//! The operations of one document in the joined one: each says itself what its document said for all.

use super::names::Names;
use super::references::rewrite;
use super::{places, shape};
use crate::Error;
use crate::lower::{METHODS, resolved};
use crate::node::{Map, Node, Place, Value};
use crate::read::Files;
use crate::report::one_line;

/// A document whose references lead into the joined one.
#[derive(Default)]
pub(super) struct Document {
    pub(super) file: u32,
    /// What operations without a tag are called by.
    pub(super) stem: String,
    pub(super) tree: Node,
    pub(super) servers: Option<Node>,
    /// What is in front of its paths.
    pub(super) prefix: String,
    /// Whether its server is another one than that of the joined document.
    pub(super) is_elsewhere: bool,
    /// Whether its operations have to say what they take.
    pub(super) says_security: bool,
}

/// Members of a path that are operations, besides those of OpenAPI 3.2.
fn is_operation(key: &str) -> bool {
    METHODS.contains(&key) || key == "query"
}

impl Document {
    /// # Errors
    /// If it takes a scheme that it does not have: another document's of that name is none of its own.
    pub(super) fn of(
        files: &Files,
        file: u32,
        mut tree: Node,
        names: &Names,
    ) -> Result<Self, Error> {
        if let Some(paths) = tree
            .as_map_mut()
            .and_then(|it| it.get_mut("paths")?.as_map_mut())
        {
            paths.values_mut().for_each(|it| whole(files, it));
        }
        rewrite(files, names, &mut tree);
        if let Some((place, name)) = rename_schemes(&mut tree, file, names) {
            let what = format!(
                "`security` names `{}`, which is no scheme of this document",
                one_line(&name)
            );
            let fix = "name one of its own, or add it by an overlay that `extends` the document";
            return Err(Error::new(what, fix).placed(files.show(place)));
        }
        let stem = files.path(file).file_stem().unwrap_or_default();
        Ok(Self {
            file,
            stem: stem.to_string_lossy().into_owned(),
            servers: places::servers(&tree).cloned(),
            tree,
            ..Self::default()
        })
    }
}

/// Path and operations in place of references to them, since something is added to each.
fn whole(files: &Files, item: &mut Node) {
    let replace = |it: &mut Node| {
        if it.get("$ref").is_some()
            && let Ok(found) = resolved(files, it)
        {
            *it = found.clone();
        }
    };
    replace(item);
    for (key, it) in item.as_map_mut().into_iter().flatten() {
        if is_operation(key) {
            replace(it);
        }
    }
}

/// Every `security` with the joined names of the schemes. Returns one that the document does not have.
fn rename_schemes(tree: &mut Node, file: u32, names: &Names) -> Option<(Place, String)> {
    let mut unknown = None;
    let mut rename = |node: &mut Node| {
        let security = node.as_map_mut().and_then(|it| it.get_mut("security"));
        let Some(Value::List(list)) = security.map(|it| &mut it.value) else {
            return;
        };
        for alternative in list.iter_mut().filter_map(Node::as_map_mut) {
            *alternative = std::mem::take(alternative)
                .into_iter()
                .map(|(name, scopes)| {
                    let joined = names.joined(file, "securitySchemes", &name);
                    if joined.is_none() {
                        unknown.get_or_insert((scopes.place, name.clone()));
                    }
                    (joined.map_or_else(|| name.clone(), str::to_owned), scopes)
                })
                .collect();
        }
    };
    rename(tree);
    let paths = tree
        .as_map_mut()
        .and_then(|it| it.get_mut("paths")?.as_map_mut());
    for item in paths.into_iter().flat_map(|it| it.values_mut()) {
        operations(item).for_each(&mut rename);
    }
    unknown
}

fn operations(item: &mut Node) -> impl Iterator<Item = &mut Node> {
    let members = item.as_map_mut().into_iter().flatten();
    members.flat_map(|(key, it)| {
        let (of_any_method, one) = match key.as_str() {
            "additionalOperations" => (it.as_map_mut(), None),
            key if is_operation(key) => (None, Some(it)),
            _ => (None, None),
        };
        of_any_method
            .into_iter()
            .flat_map(|it| it.values_mut())
            .chain(one)
    })
}

/// Adds the operations of a document; returns those that are there already, with their names.
pub(super) fn add(paths: &mut Map, document: &mut Document) -> Vec<(Place, String)> {
    let Some(own) = document
        .tree
        .as_map_mut()
        .and_then(|it| it.shift_remove("paths"))
    else {
        return Vec::new();
    };
    let Value::Map(own) = own.value else {
        return Vec::new();
    };
    let mut doubled = Vec::new();
    for (path, mut item) in own {
        if path.starts_with("x-") {
            continue;
        }
        let on_its_server = item.get("servers").is_some();
        for operation in operations(&mut item) {
            complete(operation, document, on_its_server);
        }
        for (path, item) in by_path(&path, item, &document.prefix) {
            doubled.extend(add_item(paths, path, item, &document.stem));
        }
    }
    doubled
}

fn complete(operation: &mut Node, document: &Document, on_its_server: bool) {
    let place = operation.place;
    let Some(map) = operation.as_map_mut() else {
        return;
    };
    if document.says_security
        && let Some(security) = document.tree.get("security")
    {
        map.entry("security".to_owned())
            .or_insert_with(|| security.clone());
    }
    if document.is_elsewhere
        && !on_its_server
        && let Some(servers) = &document.servers
    {
        map.entry("servers".to_owned())
            .or_insert_with(|| servers.clone());
    }
    let tags = map
        .entry("tags".to_owned())
        .or_insert_with(|| Node::new(place, Value::List(Vec::new())));
    if tags.as_list().is_some_and(<[_]>::is_empty) {
        tags.value = Value::List(vec![Node::text_at(place, &*document.stem)]);
    }
}

/// The item under its path with the prefix; what has a server of its own stays where it is.
fn by_path(path: &str, item: Node, prefix: &str) -> Vec<(String, Node)> {
    if prefix.is_empty() || item.get("servers").is_some() {
        return vec![(path.to_owned(), item)];
    }
    let place = item.place;
    // What cannot be read is counted when it is lowered.
    let Value::Map(members) = item.value else {
        return vec![(path.to_owned(), item)];
    };
    let on_its_server = |key: &str, it: &Node| is_operation(key) && it.get("servers").is_some();
    let (apart, rest): (Map, Map) = members
        .into_iter()
        .partition(|(key, it)| on_its_server(key, it));
    let mut all = Vec::new();
    if !apart.is_empty() {
        let mut apart = apart;
        apart.extend(
            rest.get("parameters")
                .map(|it| ("parameters".to_owned(), it.clone())),
        );
        all.push((path.to_owned(), Node::new(place, Value::Map(apart))));
    }
    all.push((
        format!("{prefix}{path}"),
        Node::new(place, Value::Map(rest)),
    ));
    all
}

/// A path that another document has too is kept apart by a fragment, which is not sent.
fn add_item(paths: &mut Map, path: String, mut item: Node, stem: &str) -> Vec<(Place, String)> {
    let mut doubled = Vec::new();
    let Some(there) = paths.get(&path) else {
        paths.insert(path, item);
        return doubled;
    };
    let parameters = |it: &Node| it.get("parameters").map(shape::text_of);
    let servers = |it: &Node| it.get("servers").map(shape::text_of);
    if (parameters(there), servers(there)) == (parameters(&item), servers(&item))
        && let Some(members) = item.as_map_mut()
    {
        members.retain(|key, it| {
            let other = there.get(key).filter(|_| is_operation(key));
            let same = other.is_some_and(|other| is_same(it, other));
            if same {
                doubled.push((it.place, path.clone()));
            }
            !same
        });
    }
    if doubled.is_empty() || operations(&mut item).next().is_some() {
        let mut key = format!("{path}#{stem}");
        while paths.contains_key(&key) {
            key.push('-');
        }
        paths.insert(key, item);
    }
    doubled
}

/// The same but for the tags, of which the second's are not lost by being left out: they name the same call.
fn is_same(one: &Node, other: &Node) -> bool {
    let text = |it: &Node| {
        let mut it = it.clone();
        if let Some(map) = it.as_map_mut() {
            map.shift_remove("tags");
        }
        shape::text_of(&it)
    };
    !leads_elsewhere(one) && text(one) == text(other)
}

/// Whether it refers to anything but a joined part: the same words may mean something else in another document.
fn leads_elsewhere(node: &Node) -> bool {
    let is_own = |it: &Node| {
        it.text_of("$ref")
            .is_some_and(|it| !it.starts_with("#/components/"))
    };
    is_own(node)
        || match &node.value {
            Value::Map(map) => map.values().any(leads_elsewhere),
            Value::List(list) => list.iter().any(leads_elsewhere),
            _ => false,
        }
}
