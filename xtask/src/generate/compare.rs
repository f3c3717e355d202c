//! `gen --diff`: what the specs change for clients, against older ones.

use std::io::Write;
use std::path::Path;

use tegata_gen::{Comparison, Options};

use super::{Finding, Outcome, say};

/// Compares the spec of each provider with the one of the same name in a folder.
pub(super) fn run(
    root: &Path,
    old: &Path,
    providers: &[String],
    out: &mut dyn Write,
) -> Result<Outcome, Vec<Finding>> {
    let compared = providers
        .iter()
        .map(|name| compare(root, old, name).map(|it| (name, it)));
    let compared: Vec<_> = compared.collect::<Result<_, _>>()?;
    for (name, comparison) in &compared {
        say(out, &format!("{name}: {comparison}"));
    }
    let changes_security = |(_, it): &(_, Comparison)| it.changes_security();
    Ok(if compared.iter().any(changes_security) {
        Outcome::Drift
    } else {
        Outcome::Fine
    })
}

fn compare(root: &Path, old: &Path, name: &str) -> Result<Comparison, Vec<Finding>> {
    let file = format!("{name}.yaml");
    let (old, new) = (old.join(&file), root.join("specs").join(&file));
    let options = Options::default();
    tegata_gen::compare(&old, &new, &options, &options).map_err(|error| {
        let fix = "give a folder with an older version of it, or name the providers to compare";
        vec![Finding::of_file(
            format!("specs/{file}"),
            error.to_string(),
            fix,
        )]
    })
}
