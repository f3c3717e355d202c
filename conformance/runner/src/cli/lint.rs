//! `lint`: what is wrong with the suite's own data.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::citation::check_folder;
use crate::judge::check_mutants;

use super::Failure;
use super::suite::{Data, print};

/// Checks citations, fixtures and cases.
///
/// With the vendors' documents available, it compares every citation with the lines it names.
#[derive(clap::Args)]
pub struct Args {
    /// Folder with the vendors' documents; otherwise the one that `TEGATA_SOURCES` names
    #[arg(long, value_name = "FOLDER")]
    sources: Option<PathBuf>,
    #[command(flatten)]
    data: Data,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let suite = args.data.load()?;
    let mut findings = suite.check();
    findings.extend(check_mutants(&suite));
    let mut text = String::new();
    let documents = suite.registry.documents.len();
    let given = args
        .sources
        .clone()
        .or_else(|| std::env::var_os("TEGATA_SOURCES").map(Into::into));
    let said = if let Some(folder) = &given {
        findings.extend(check_folder(&suite.registry, folder));
        format!("{documents} documents compared with their citations")
    } else {
        format!(
            "NOT checked: the {documents} documents themselves; name their folder by --sources or \
             TEGATA_SOURCES"
        )
    };
    findings.dedup();
    for finding in &findings {
        writeln!(text, "{finding}")?;
    }
    writeln!(
        text,
        "{} citations, {} fixtures, {} cases: {} findings; {said}",
        suite.registry.rows().len(),
        suite.fixtures.ids().len(),
        suite.cases.len(),
        findings.len(),
    )?;
    print(&text)?;
    Ok(ExitCode::from(u8::from(!findings.is_empty())))
}
