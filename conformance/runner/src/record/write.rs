//! Writing a recording: each file is whole at any time, and none is left that holds a canary.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use super::leak_guard::{Leak, find_leak};
use super::pages::{self, Sent, WITNESS, WITNESSES};
use super::{Redaction, Traffic};
use crate::case::Provider;
use crate::fixture::{FixtureFile, Recorded, RequestTemplate};

/// How every placeholder's value begins.
const PREFIX: &str = "CANARY-recorded-";
/// Shorter canaries occur in texts by chance.
const SHORTEST_CANARY: usize = 8;
/// A credential of at least this length is a canary by itself.
const SHORTEST_CREDENTIAL: usize = 12;
/// The most exchanges that the case of a recording sends.
const LONGEST_CASE: usize = 500;

/// Writes a recording into a folder that can be read as a suite's data.
#[derive(Debug)]
pub struct Writer {
    folder: PathBuf,
    redaction: Redaction,
    canaries: Canaries,
    files: BTreeMap<(Provider, String), FixtureFile>,
    sent: BTreeMap<Provider, Vec<Sent>>,
}

#[derive(Default)]
struct Canaries(Vec<String>);

impl fmt::Debug for Canaries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} canaries", self.0.len())
    }
}

impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.respond)
    }
}

/// Why a recording cannot be written.
#[derive(Debug)]
pub enum WriteError {
    /// The folder holds something already.
    Taken(PathBuf),
    /// A canary that would be found in any recording.
    Canary(usize),
    /// A canary survived the redaction: the file was not written, or was removed.
    Leaked(PathBuf, Leak),
    /// The file system failed.
    Io(PathBuf, io::Error),
    /// The redacted exchange cannot be written as TOML.
    Form(String),
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taken(folder) => write!(
                f,
                "{} is not empty; name a folder that is new or empty",
                folder.display()
            ),
            Self::Canary(index) => write!(
                f,
                "canary {} is shorter than {SHORTEST_CANARY} characters or part of `{PREFIX}`, \
                 with which placeholders begin; choose another",
                index + 1
            ),
            Self::Leaked(file, leak) => write!(
                f,
                "canary {} survived redaction in {}, {leak}; the file is removed: take the \
                 name under which it stands off the list of what is kept",
                leak.canary + 1,
                file.display(),
            ),
            Self::Io(file, error) => write!(f, "{} cannot be written: {error}", file.display()),
            Self::Form(problem) => write!(f, "an exchange cannot be written: {problem}"),
        }
    }
}

impl std::error::Error for WriteError {}

impl Writer {
    /// A recording in a folder that is new or empty.
    ///
    /// # Errors
    ///
    /// If the folder holds something or cannot be made, or a canary is too short.
    pub fn new(
        folder: &Path,
        redaction: Redaction,
        canaries: Vec<String>,
    ) -> Result<Self, WriteError> {
        let useless = |canary: &String| {
            canary.chars().count() < SHORTEST_CANARY || PREFIX.contains(canary.as_str())
        };
        if let Some(index) = canaries.iter().position(useless) {
            return Err(WriteError::Canary(index));
        }
        let fail = |error| WriteError::Io(folder.to_owned(), error);
        fs::create_dir_all(folder).map_err(fail)?;
        if fs::read_dir(folder).map_err(fail)?.next().is_some() {
            return Err(WriteError::Taken(folder.to_owned()));
        }
        for part in ["citations", "fixtures", "cases"] {
            fs::create_dir_all(folder.join(part)).map_err(fail)?;
        }
        let writer = Self {
            folder: folder.to_owned(),
            redaction,
            canaries: Canaries(canaries),
            files: BTreeMap::new(),
            sent: BTreeMap::new(),
        };
        writer.write("citations/witnesses.toml", WITNESSES)?;
        Ok(writer)
    }

    /// Redacts an exchange and writes it; says the fixture's id. An exchange without an answer is
    /// not written.
    ///
    /// # Errors
    ///
    /// If a canary survives the redaction or the file system fails. The recording is then over.
    pub fn add(&mut self, traffic: &Traffic) -> Result<Option<String>, WriteError> {
        let Some(answer) = &traffic.answer else {
            return Ok(None);
        };
        let provider = traffic.server.provider();
        self.redaction.learn(traffic);
        let request = self.redaction.request(&traffic.request);
        let answer = self.redaction.answer(answer, WITNESS);
        let stem = self.stem(provider, &request);
        let key = (provider, stem.clone());
        let file = self.files.entry(key).or_insert_with(|| FixtureFile {
            operation: None,
            title: format!("Recorded: {} {}", request.method, request.path),
            cite: vec![WITNESS.to_owned()],
            variables: BTreeMap::new(),
            request,
            answer: BTreeMap::new(),
        });
        let known = file.answer.iter().find(|(_, known)| **known == answer);
        let name = if let Some((name, _)) = known {
            name.clone()
        } else {
            let alike = file
                .answer
                .values()
                .filter(|known| known.status == answer.status);
            match alike.count() {
                0 => format!("s{}", answer.status),
                count => format!("s{}-{}", answer.status, count + 1),
            }
        };
        let id = format!("{}/{stem}.{name}", provider.name());
        let sent = self.sent.entry(provider).or_default();
        if sent.len() < LONGEST_CASE {
            sent.push(Sent {
                respond: id.clone(),
                status: answer.status,
                capture: pages::captures(&answer),
            });
        }
        file.answer.insert(name, answer);
        let form = |error: toml::ser::Error| WriteError::Form(error.to_string());
        let fixture = toml::to_string(file).map_err(form)?;
        let values = toml::to_string(&self.redaction.values()).map_err(form)?;
        let case = pages::case(provider, sent);
        let name = provider.name();
        // A file is written after those that it refers to, so that the folder can be read at any time.
        self.write(&format!("fixtures/{name}/values.toml"), &values)?;
        self.write(&format!("fixtures/{name}/{stem}.toml"), &fixture)?;
        self.write(&format!("cases/{name}/recorded.toml"), &case)?;
        Ok(Some(id))
    }

    /// Method and path of a request, redacted, which leaves no trace in the recording.
    pub fn name(&self, request: &Recorded) -> String {
        let template = self.redaction.clone().request(request);
        format!("{} {}", template.method, template.path)
    }

    /// The name of the file of a request: that of an equal one, or a new one.
    fn stem(&self, provider: Provider, request: &RequestTemplate) -> String {
        let known = self
            .files
            .iter()
            .find(|((whose, _), file)| *whose == provider && file.request == *request);
        if let Some(((_, stem), _)) = known {
            return stem.clone();
        }
        let words: Vec<String> = std::iter::once(request.method.to_lowercase())
            .chain(request.path.split('/').map(|segment| {
                let letter = |one: &char| one.is_ascii_alphanumeric();
                segment.chars().filter(letter).take(20).collect()
            }))
            .filter(|word| !word.is_empty())
            .take(8)
            .collect();
        let base = words.join("-");
        let taken = |stem: &String| self.files.contains_key(&(provider, stem.clone()));
        let mut stem = base.clone();
        let mut count = 1;
        while taken(&stem) || stem == "values" {
            count += 1;
            stem = format!("{base}-{count}");
        }
        stem
    }

    /// Writes a file so that it is there whole or not at all.
    fn write(&self, name: &str, text: &str) -> Result<(), WriteError> {
        let path = self.folder.join(name);
        let own = self
            .redaction
            .credentials()
            .filter(|value| value.len() >= SHORTEST_CREDENTIAL);
        let canaries = self.canaries.0.iter().map(String::as_str).chain(own);
        if let Some(leak) = find_leak(text.as_bytes(), canaries) {
            // An earlier version of the file holds no secret, but is out of date.
            let _ = fs::remove_file(&path);
            return Err(WriteError::Leaked(path, leak));
        }
        write_whole(&path, text).map_err(|error| WriteError::Io(path, error))
    }
}

/// Writes beside the file and moves it there: a reader sees the old one or the new one.
///
/// # Errors
///
/// If the file system fails; the attempt leaves no file then.
pub fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    use std::io::Write as _;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let part = path.with_file_name(format!(".{name}.{}.part", std::process::id()));
    let written = fs::File::create(&part).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    let moved = written.and_then(|()| fs::rename(&part, path));
    if moved.is_err() {
        let _ = fs::remove_file(&part);
    }
    moved
}
