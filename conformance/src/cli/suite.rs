//! The suite that a subcommand works on: the embedded one, or that of a folder.

use std::io::{self, Write as _};
use std::path::PathBuf;

use tegata_conformance::case::Suite;

use super::Failure;

/// Where the suite's data comes from.
#[derive(clap::Args)]
pub(crate) struct Data {
    /// Folder that holds citations, fixtures and cases, instead of the built-in ones
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
}

impl Data {
    /// Whether it is the built-in data.
    pub(crate) fn is_embedded(&self) -> bool {
        self.data.is_none()
    }

    pub(crate) fn load(&self) -> Result<Suite, Failure> {
        match &self.data {
            Some(folder) => Ok(Suite::from_folder(folder)?),
            None => Ok(Suite::embedded()?),
        }
    }
}

/// A reader that has gone away, such as `head`, ends the output and nothing else.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
