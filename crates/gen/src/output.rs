//! A crate on disk: written, or compared with what is there.

use std::fmt;
use std::fs;
use std::io::{self, Read as _};
use std::path::{self, Path};

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::{Error, Package, emit};

/// The folder that has nothing but generated code.
const GENERATED: &str = "src/generated";

/// A file that is not as the generator would write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its path in the crate, or that of the profile.
    pub file: String,
    /// In which way.
    pub kind: DifferenceKind,
}

/// How a file differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DifferenceKind {
    /// It has other text.
    Changed,
    /// It is not there.
    Missing,
    /// An earlier run wrote it, and this one would not.
    LeftOver,
}

impl Package {
    /// Writes the files into the folder of the crate, and removes those in `src/generated` that an earlier run wrote and
    /// this one does not. What does not change keeps its time, so that nothing is built again.
    ///
    /// # Errors
    /// If the folder cannot be written, or holds a crate that was not made by this generator.
    pub fn write(&self, folder: &Path) -> Result<(), Error> {
        refuse_others(folder)?;
        let differences = self.differences(folder)?;
        for it in differences {
            let path = folder.join(&it.file);
            let done = match self.files.get(&it.file) {
                Some(text) => create(&path, text),
                None => fs::remove_file(&path),
            };
            done.map_err(|error| {
                let what = format!("{} cannot be written: {error}", path.display());
                Error::new(what, "give a folder that you may write to")
            })?;
        }
        Ok(())
    }

    /// What [`write`](Self::write) would change in the folder of the crate.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn differences(&self, folder: &Path) -> Result<Vec<Difference>, Error> {
        let unreadable = |path: &Path, error: &io::Error| {
            let what = format!("{} cannot be read: {error}", path.display());
            Error::new(what, "give the folder of a crate that you may read")
        };
        let mut found = Vec::new();
        for (file, text) in &self.files {
            let path = folder.join(file);
            let kind = match fs::read(&path) {
                Ok(there) if there == text.as_bytes() => continue,
                Ok(_) => DifferenceKind::Changed,
                Err(error) if error.kind() == io::ErrorKind::NotFound => DifferenceKind::Missing,
                Err(error) => return Err(unreadable(&path, &error)),
            };
            found.push(Difference {
                file: file.clone(),
                kind,
            });
        }
        let generated = folder.join(GENERATED);
        let left_over = self.left_over(&generated);
        found.extend(left_over.map_err(|error| unreadable(&generated, &error))?);
        Ok(found)
    }

    /// Writes the profile for an emulator to a file; its time stays if nothing changes.
    ///
    /// # Errors
    /// If there is no profile, or the file cannot be written, or holds something else.
    pub fn write_profile(&self, file: &Path) -> Result<(), Error> {
        if self.profile_difference(file)?.is_none() {
            return Ok(());
        }
        refuse_no_profile(file)?;
        create(file, self.profile_text()?).map_err(|error| {
            let what = format!("{} cannot be written: {error}", file.display());
            Error::new(what, "give a file that you may write to")
        })
    }

    /// Whether a profile may be written to the file, beside the crate in the folder. To be asked before either is written.
    ///
    /// # Errors
    /// If the file holds something else than a profile, or is one of the crate's.
    pub fn allow_profile(&self, file: &Path, folder: &Path) -> Result<(), Error> {
        let place = |it: &Path| path::absolute(it).unwrap_or_else(|_| it.to_owned());
        let of_profile = place(file);
        if self
            .files
            .keys()
            .any(|it| place(&folder.join(it)) == of_profile)
        {
            let what = format!("{} is a file of the crate itself", file.display());
            return Err(Error::new(what, OTHER_FILE));
        }
        refuse_no_profile(file)
    }

    /// Whether [`write_profile`](Self::write_profile) would change the file.
    ///
    /// # Errors
    /// If there is no profile, or the file cannot be read.
    pub fn profile_difference(&self, file: &Path) -> Result<Option<Difference>, Error> {
        let text = self.profile_text()?;
        let kind = match fs::read(file) {
            Ok(there) if there == text.as_bytes() => return Ok(None),
            Ok(_) => DifferenceKind::Changed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => DifferenceKind::Missing,
            Err(error) => {
                let what = format!("{} cannot be read: {error}", file.display());
                return Err(Error::new(what, "give a file that you may read"));
            }
        };
        let file = file.display().to_string();
        Ok(Some(Difference { file, kind }))
    }

    fn profile_text(&self) -> Result<&str, Error> {
        let text = self.profile.as_deref();
        text.ok_or_else(|| Error::new("no profile was made", "set `profile` in the options"))
    }

    fn left_over(&self, generated: &Path) -> io::Result<Vec<Difference>> {
        let entries = match fs::read_dir(generated) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry?;
            let Some(name) = entry.file_name().to_str().map(str::to_owned) else {
                continue;
            };
            let file = format!("{GENERATED}/{name}");
            // A link is none of ours, whatever it leads to.
            if self.files.contains_key(&file) || !entry.file_type()?.is_file() {
                continue;
            }
            if is_ours(&entry.path())? {
                let kind = DifferenceKind::LeftOver;
                found.push(Difference { file, kind });
            }
        }
        found.sort_by(|one, other| one.file.cmp(&other.file));
        Ok(found)
    }
}

/// A crate of other origin is not replaced.
fn refuse_others(folder: &Path) -> Result<(), Error> {
    let (manifest, root) = (folder.join("Cargo.toml"), folder.join("src/lib.rs"));
    let is_ours = fs::read_to_string(&root).is_ok_and(|text| text.contains(emit::MADE_BY));
    let there = [root, manifest].into_iter().find(|it| it.exists());
    match there {
        Some(path) if !is_ours => Err(Error::new(
            format!("{} was not made by tegata-gen", path.display()),
            "give a folder of its own by `--out`",
        )),
        _ => Ok(()),
    }
}

const OTHER_FILE: &str = "give a file of its own for the profile by `--emulator`";

/// What every profile has, of whatever version.
#[derive(Deserialize)]
struct AnyProfile {
    #[serde(rename = "tegata-profile")]
    _version: IgnoredAny,
}

/// A file of other origin is not replaced by a profile.
fn refuse_no_profile(file: &Path) -> Result<(), Error> {
    let is_profile = match fs::read(file) {
        Ok(there) => serde_json::from_slice::<AnyProfile>(&there).is_ok(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => true,
        Err(error) => {
            let what = format!("{} cannot be read: {error}", file.display());
            return Err(Error::new(what, OTHER_FILE));
        }
    };
    if is_profile {
        return Ok(());
    }
    let what = format!(
        "{} is no profile of an API (it has no `tegata-profile`), and is not replaced",
        file.display()
    );
    Err(Error::new(what, OTHER_FILE))
}

/// Whether a file begins as those do that are generated.
fn is_ours(path: &Path) -> io::Result<bool> {
    let mut start = Vec::new();
    let length = emit::HEAD.len() as u64;
    fs::File::open(path)?.take(length).read_to_end(&mut start)?;
    Ok(start == emit::HEAD.as_bytes())
}

fn create(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = match self.kind {
            DifferenceKind::Changed => "differs",
            DifferenceKind::Missing => "is missing",
            DifferenceKind::LeftOver => "is left over from an earlier run",
        };
        write!(f, "{} {how}", self.file)
    }
}
