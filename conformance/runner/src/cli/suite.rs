//! The suite that a subcommand works on: the embedded one, or that of a folder.

use std::io::{self, Write as _};
use std::path::PathBuf;

use crate::case::Suite;
use crate::report::lines;

use super::Failure;

/// Where the suite's data comes from.
#[derive(clap::Args)]
pub struct Data {
    /// Folder that holds providers, citations, fixtures and cases, instead of the built-in ones
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// A provider whose data `cargo xtask new` has made, to be used as well
    #[arg(long, value_name = "NAME")]
    draft: Vec<String>,
}

impl Data {
    /// The suite.
    ///
    /// # Errors
    ///
    /// If a data file cannot be read or is wrong.
    pub fn load(&self) -> Result<Suite, Failure> {
        let drafts: Vec<&str> = self.draft.iter().map(String::as_str).collect();
        match &self.data {
            Some(folder) => Ok(Suite::from_folder_with(folder, &drafts)?),
            None => Ok(Suite::embedded_with(&drafts)?),
        }
    }
}

/// Prints a text of our own, in which others may be quoted: what a terminal would act on is escaped. A reader that has
/// gone away, such as `head`, ends the output and nothing else.
///
/// # Errors
///
/// If standard output cannot be written.
pub fn print(text: &str) -> Result<(), Failure> {
    print_as_it_is(&lines(text))
}

/// Prints a report, which is safe to show by its own format.
///
/// # Errors
///
/// As [`print`].
pub(super) fn print_as_it_is(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
