//! Bodies that lie in files beside a recording.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use super::entry::Entry;
use crate::record::BODY_LIMIT;

/// The folder of a recording.
#[derive(Clone, Debug)]
pub struct Beside(PathBuf);

impl Beside {
    /// The folder in which this recording lies.
    pub fn of(recording: &Path) -> Self {
        let folder = recording.parent().unwrap_or(Path::new(""));
        // A name alone lies in the current folder.
        let is_named = !folder.as_os_str().is_empty();
        Self(if is_named { folder } else { Path::new(".") }.to_owned())
    }

    /// Reads the bodies of an entry that are in files. Those that cannot be read stay unknown.
    pub fn read(&self, entry: &mut Entry) {
        let left_out = &mut entry.left_out;
        let file = left_out.request_file.take();
        if let Some(body) = file.and_then(|name| self.body(&name)) {
            entry.request.body = body;
            left_out.request_body = false;
        }
        let file = left_out.answer_file.take();
        if let (Some(answer), Some(body)) =
            (&mut entry.answer, file.and_then(|name| self.body(&name)))
        {
            answer.body = body;
            left_out.answer_body = false;
        }
    }

    /// A recording comes from others, so it may only name a file that lies beside it: no path, and no link, which may
    /// lead anywhere.
    fn body(&self, name: &str) -> Option<Vec<u8>> {
        let mut parts = Path::new(name).components();
        let is_plain = matches!(parts.next(), Some(Component::Normal(part)) if part == name);
        if !is_plain || parts.next().is_some() || name.contains(['/', '\\', ':', '\0']) {
            return None;
        }
        let path = self.0.join(name);
        if !fs::symlink_metadata(&path).ok()?.is_file() {
            return None;
        }
        let mut body = Vec::new();
        let mut limited = File::open(path).ok()?.take(BODY_LIMIT as u64 + 1);
        limited.read_to_end(&mut body).ok()?;
        (body.len() <= BODY_LIMIT).then_some(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_file_in_the_same_folder_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        fs::create_dir(&inner).unwrap();
        fs::write(inner.join("body.json"), "{}").unwrap();
        fs::write(folder.path().join("secret"), "CANARY").unwrap();
        let beside = Beside::of(&inner.join("a.har"));
        assert_eq!(beside.body("body.json").as_deref(), Some(&b"{}"[..]));
        let absolute = folder.path().join("secret");
        let absolute = absolute.to_str().unwrap();
        for name in [
            "../secret",
            absolute,
            "./body.json",
            "",
            ".",
            "..",
            "none",
            "body.json/",
            "a\0b",
        ] {
            assert_eq!(beside.body(name), None, "{name}");
        }
        assert_eq!(Beside::of(folder.path()).body("inner"), None);
        let large = File::create(inner.join("large")).unwrap();
        large.set_len(BODY_LIMIT as u64 + 1).unwrap();
        assert_eq!(beside.body("large"), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("secret"), "CANARY").unwrap();
        std::os::unix::fs::symlink("secret", folder.path().join("link")).unwrap();
        assert_eq!(Beside::of(&folder.path().join("a.har")).body("link"), None);
    }
}
