//! Reading a token file.

use std::fs::{self, FileType};
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::place::{self, Place, if_there, refused};
use super::rights::check_private;
use crate::Error;
use crate::store::Record;

/// The format that is written. Format 1, which had only a token, is still read.
const FORMAT: u64 = 2;

/// Some editors put it at the start of a file.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

pub(super) enum Contents {
    /// There is no file.
    Known(Option<Record>),
    /// Not a record, or only part of one.
    Damaged,
}

#[derive(Serialize)]
struct Written<'a> {
    format: u64,
    #[serde(flatten)]
    record: &'a Record,
}

#[derive(Deserialize)]
struct Header {
    format: u64,
}

/// The contents of the token file.
pub(super) fn stored(place: &Place) -> Result<Contents, Error> {
    read(place, &place.to_string(), place.target())
}

/// The record that an unfinished save left beside the token file.
pub(super) fn left_beside(place: &Place) -> Result<Contents, Error> {
    let path = place.new_path();
    read(
        place,
        &format!("the new token file {}", path.display()),
        &path,
    )
}

pub(super) fn to_bytes(record: &Record) -> Result<Vec<u8>, Error> {
    let format = FORMAT;
    serde_json::to_vec(&Written { format, record })
        .map_err(|_| refused("the token cannot be written as JSON".to_owned()))
}

/// Opening a named pipe would wait for its other end, and a device would be replaced by a file.
pub(super) fn must_be_a_file(path: &Path) -> io::Result<()> {
    let name = match if_there(fs::symlink_metadata(path))?.map(|there| there.file_type()) {
        None => return Ok(()),
        Some(kind) if kind.is_file() => return Ok(()),
        Some(kind) if kind.is_dir() => "a folder",
        Some(kind) if kind.is_symlink() => "a link",
        Some(kind) => special(kind),
    };
    let why = format!("it is {name}, not a file");
    Err(io::Error::new(io::ErrorKind::InvalidInput, why))
}

fn read(place: &Place, name: &str, path: &Path) -> Result<Contents, Error> {
    let bytes = if_there(must_be_a_file(path).and_then(|()| fs::read(path)))
        .map_err(|error| place::failed(name, path, "opened", error))?;
    let Some(bytes) = bytes else {
        return Ok(Contents::Known(None));
    };
    let contents = parse(name, &bytes)?;
    if let Contents::Known(_) = contents {
        check_private(place, name, path)?;
    }
    Ok(contents)
}

/// The parser's message is dropped, since it could repeat parts of the file.
fn parse(name: &str, bytes: &[u8]) -> Result<Contents, Error> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let record = match serde_json::from_slice(bytes) {
        Ok(Header { format: 1 | FORMAT }) => serde_json::from_slice::<Record>(bytes).ok(),
        // Written by a later version, so it is not moved away.
        Ok(Header { format }) => {
            let why = "use the version that wrote it";
            return Err(refused(format!(
                "{name} has the unknown format {format}: {why}"
            )));
        }
        Err(_) => None,
    };
    let record = record.filter(|record| record.token().is_some() || record.deleted_at().is_some());
    Ok(record.map_or(Contents::Damaged, |record| Contents::Known(Some(record))))
}

fn special(kind: FileType) -> &'static str {
    #[cfg(unix)]
    use std::os::unix::fs::FileTypeExt as _;
    match kind {
        #[cfg(unix)]
        kind if kind.is_fifo() => "a named pipe",
        #[cfg(unix)]
        kind if kind.is_socket() => "a socket",
        _ => "a device",
    }
}
