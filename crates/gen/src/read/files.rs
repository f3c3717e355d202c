//! The files of a document: itself, and those below its folder that it refers to.

use std::collections::{BTreeSet, HashMap};
use std::path::{Component, Path, PathBuf};

use super::{Duplicate, read};
use crate::error::Error;
use crate::node::{Node, Place};
use crate::report::Kind;

/// Larger files are no API documents.
const LARGEST: u64 = 256 << 20;

/// All files that were read so far.
#[derive(Debug)]
pub struct Files {
    folder: PathBuf,
    /// Names, as paths from the folder, with their trees.
    files: Vec<(PathBuf, Node)>,
    /// What was looked up before: the number of the file, or why there is none.
    known: HashMap<PathBuf, Result<u32, String>>,
    duplicates: Vec<Duplicate>,
    overlays: BTreeSet<u32>,
    /// Those that were opened together, if several were.
    documents: Vec<u32>,
    /// What has to be reported of files that were changed before they are lowered.
    notes: Vec<(Kind, Place, String)>,
}

impl Files {
    /// What references into the document itself begin with, in those that were opened together.
    pub(crate) const JOINED: &str = "joined-document:";

    /// Reads documents that are to be one. Files that they refer to must be below `root`, or below the folder that all of
    /// them are in if that is none.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn open_together(paths: &[PathBuf], root: Option<&Path>) -> Result<Self, Error> {
        let absolute = |path: &Path| {
            std::path::absolute(path).map_err(|error| {
                let what = format!("{} is no path: {error}", path.display());
                Error::new(what, "give the path of a JSON or YAML file")
            })
        };
        let whole = paths.iter().map(|it| absolute(it));
        let whole = whole.collect::<Result<Vec<PathBuf>, Error>>()?;
        let mut folder = match (root, whole.first().and_then(|it| it.parent())) {
            (Some(root), _) => absolute(root)?,
            (None, parent) => parent.unwrap_or(Path::new("")).to_owned(),
        };
        if root.is_none() {
            while !whole.iter().all(|it| it.starts_with(&folder)) && folder.pop() {}
        }
        let mut files = Self::empty(folder);
        let label = PathBuf::from("the joined document");
        files.files.push((label, Node::default()));
        for (path, given) in whole.iter().zip(paths) {
            let name = path.strip_prefix(&files.folder).map_err(|_| {
                let what = format!("{} is not below the root", given.display());
                Error::new(what, "give a root that all documents are below")
            })?;
            let name = name.to_owned();
            if files.known.contains_key(&name) {
                let what = format!("{} is given twice", given.display());
                return Err(Error::new(what, "give each document once"));
            }
            let number = files
                .load_given(&name)
                .map_err(|what| Error::new(what, "give the path of a JSON or YAML file"))?;
            files.known.insert(name, Ok(number));
            files.documents.push(number);
        }
        Ok(files)
    }

    /// Reads the document itself. Files that it refers to must be below `root`, or below its own folder if that is none.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn open(path: &Path, root: Option<&Path>) -> Result<Self, Error> {
        let folder = root.or(path.parent()).unwrap_or(Path::new("")).to_owned();
        let name = match root {
            Some(root) => path.strip_prefix(root).map(Path::to_owned).map_err(|_| {
                let what = format!("{} is not below {}", path.display(), root.display());
                Error::new(what, "give a root that the document's path begins with")
            })?,
            None => PathBuf::from(path.file_name().unwrap_or_default()),
        };
        let mut files = Self::empty(folder);
        files
            .load_given(&name)
            .map_err(|what| Error::new(what, "give the path of a JSON or YAML file"))?;
        Ok(files)
    }

    /// A document that is at hand as text, and refers to no other file.
    ///
    /// # Errors
    /// If it is neither JSON nor YAML.
    pub fn of_text(name: &str, text: &str) -> Result<Self, Error> {
        let mut files = Self::empty(PathBuf::new());
        let tree = read(text, 0, &mut files.duplicates);
        let tree =
            tree.map_err(|error| Error::at(name, error.place, error.what, "make it JSON or YAML"))?;
        files.files.push((PathBuf::from(name), tree));
        Ok(files)
    }

    fn empty(folder: PathBuf) -> Self {
        Self {
            folder,
            files: Vec::new(),
            known: HashMap::new(),
            duplicates: Vec::new(),
            overlays: BTreeSet::new(),
            documents: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// The documents that were opened together; none if there is one only.
    pub(crate) fn documents(&self) -> &[u32] {
        &self.documents
    }

    /// The number of the document with this file name, of those that were opened together.
    pub(crate) fn document_called(&self, name: &str) -> Option<u32> {
        let is_called = |it: &&u32| {
            let path = self
                .files
                .get(**it as usize)
                .map(|(path, _)| path.as_path());
            path.and_then(Path::file_name).is_some_and(|it| it == name)
        };
        self.documents.iter().find(is_called).copied()
    }

    /// The path of a file, from the folder.
    pub(crate) fn path(&self, file: u32) -> &Path {
        self.files
            .get(file as usize)
            .map_or(Path::new(""), |(path, _)| path)
    }

    /// Keeps something for the report.
    pub(crate) fn note(&mut self, kind: Kind, place: Place, detail: String) {
        self.notes.push((kind, place, detail));
    }

    /// What was kept for the report.
    pub(crate) fn notes(&self) -> &[(Kind, Place, String)] {
        &self.notes
    }

    /// A number for the values of an overlay. Their references are seen from the document.
    pub(crate) fn add_overlay(&mut self, name: &str) -> u32 {
        self.files.push((PathBuf::from(name), Node::default()));
        let number = u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX);
        self.overlays.insert(number);
        number
    }

    /// The document itself.
    pub fn main(&self) -> &Node {
        &self.files[0].1
    }

    /// The document itself, to be changed before it is used.
    pub fn main_mut(&mut self) -> &mut Node {
        &mut self.files[0].1
    }

    /// The tree of a file, to be changed before it is used.
    pub(crate) fn tree_mut(&mut self, file: u32) -> Option<&mut Node> {
        self.files.get_mut(file as usize).map(|(_, tree)| tree)
    }

    /// The document and the files that were read, in the order of their numbers, as paths from its folder.
    pub fn names(&self) -> impl Iterator<Item = &Path> {
        let numbered = self.files.iter().enumerate();
        let read = numbered.filter(|(number, _)| {
            u32::try_from(*number).is_ok_and(|it| !self.overlays.contains(&it))
        });
        read.map(|(_, (name, _))| name.as_path())
    }

    /// The tree of a file.
    pub fn tree(&self, file: u32) -> Option<&Node> {
        self.files.get(file as usize).map(|(_, tree)| tree)
    }

    /// The trees of all files.
    pub(crate) fn trees(&self) -> impl Iterator<Item = &Node> {
        self.files.iter().map(|(_, tree)| tree)
    }

    /// Members that stood twice.
    pub fn duplicates(&self) -> &[Duplicate] {
        &self.duplicates
    }

    /// `file:line`, for messages.
    pub fn show(&self, place: Place) -> String {
        match self.files.get(place.file as usize) {
            Some((name, _)) => format!("{}:{}", name.display(), place.line),
            None => format!("line {}", place.line),
        }
    }

    /// Reads every file that is referred to, directly or by another one, before anything is made of them. A file that
    /// cannot be had is no error here, but where it is used.
    pub fn load_all(&mut self) {
        let mut next = 0;
        while next < self.files.len() {
            let mut wanted = BTreeSet::new();
            collect(&self.files[next].1, &mut wanted);
            let from = self.files[next].0.clone();
            for reference in wanted {
                if let Some(path) = Self::below(&from, &reference)
                    && !self.known.contains_key(&path)
                {
                    let loaded = self.load(&path);
                    self.known.insert(path, loaded);
                }
            }
            next += 1;
        }
    }

    /// The number of the file that a reference names, seen from another file.
    ///
    /// # Errors
    /// Says why there is none.
    pub fn find(&self, from: u32, reference: &str) -> Result<u32, String> {
        let from = if self.overlays.contains(&from) {
            0
        } else {
            from
        };
        if reference.is_empty() {
            return Ok(from);
        }
        if reference == Self::JOINED {
            return Ok(0);
        }
        let Some((base, _)) = self.files.get(from as usize) else {
            return Err("the file is not known".to_owned());
        };
        let Some(path) = Self::below(base, reference) else {
            return Err(format!("`{reference}` is not below the document's folder"));
        };
        let same = |(name, _): &(PathBuf, Node)| *name == path;
        if let Some(at) = self.files.iter().take(1).position(same) {
            return Ok(u32::try_from(at).unwrap_or_default());
        }
        let unread = || Err(format!("`{reference}` was not read"));
        self.known.get(&path).cloned().unwrap_or_else(unread)
    }

    /// Reads a file that another one refers to.
    fn load(&mut self, path: &Path) -> Result<u32, String> {
        let unreadable =
            |error: std::io::Error| format!("{} cannot be read: {error}", path.display());
        let inside = |path: &Path| std::fs::canonicalize(path).map_err(unreadable);
        let folder = if self.folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            &self.folder
        };
        // A link could lead out of the folder.
        if !inside(&self.folder.join(path))?.starts_with(inside(folder)?) {
            return Err(format!(
                "{} is not below the document's folder",
                path.display()
            ));
        }
        self.load_given(path)
    }

    /// Reads a file that the caller named.
    fn load_given(&mut self, path: &Path) -> Result<u32, String> {
        let whole = self.folder.join(path);
        let unreadable =
            |error: std::io::Error| format!("{} cannot be read: {error}", path.display());
        let length = std::fs::metadata(&whole).map_err(unreadable)?.len();
        if length > LARGEST {
            return Err(format!(
                "{} is larger than {} MiB",
                path.display(),
                LARGEST >> 20
            ));
        }
        let bytes = std::fs::read(&whole).map_err(unreadable)?;
        let number = u32::try_from(self.files.len()).map_err(|_| "too many files".to_owned())?;
        let text = String::from_utf8_lossy(&bytes);
        let tree = read(&text, number, &mut self.duplicates)
            .map_err(|error| format!("{}:{}: {}", path.display(), error.place.line, error.what))?;
        self.files.push((path.to_owned(), tree));
        Ok(number)
    }

    /// The path from the folder, if the reference stays below it.
    fn below(from: &Path, reference: &str) -> Option<PathBuf> {
        if reference.contains("://") {
            return None;
        }
        let reference = percent_decoded(reference);
        let joined = from.parent().unwrap_or(Path::new("")).join(&*reference);
        let mut path = PathBuf::new();
        // `..` may lead above the folder of the document only if that folder is no bound: it is one.
        for part in joined.components() {
            match part {
                Component::Normal(part) => path.push(part),
                Component::CurDir => {}
                Component::ParentDir => {
                    if !path.pop() {
                        return None;
                    }
                }
                Component::RootDir | Component::Prefix(_) => return None,
            }
        }
        Some(path)
    }
}

/// The files that the references of a tree name.
fn collect(node: &Node, wanted: &mut BTreeSet<String>) {
    use crate::node::Value;
    match &node.value {
        Value::List(list) => list.iter().for_each(|it| collect(it, wanted)),
        Value::Map(map) => {
            for (key, value) in map {
                if key == "$ref"
                    && let Some(reference) = value.as_text()
                {
                    let file = reference.split('#').next().unwrap_or_default();
                    if !file.is_empty() {
                        wanted.insert(file.to_owned());
                    }
                }
                collect(value, wanted);
            }
        }
        _ => {}
    }
}

/// `%20` and the like as what they stand for.
pub(crate) fn percent_decoded(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.contains('%') {
        return text.into();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digit = |at: usize| tail.get(at).and_then(|it| char::from(*it).to_digit(16));
        if *first == b'%'
            && let (Some(high), Some(low)) = (digit(0), digit(1))
        {
            bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned().into()
}
