//! The destinations of a run's reports.

use std::path::{Path, PathBuf};

use crate::report::proof::{FORMAT, Proof};
use crate::report::{Run, html, junit, markdown};

use super::Failure;
use super::suite::print_as_it_is;

/// The reports of a run. `-` is standard output; at most one report can go there.
#[derive(clap::Args, Debug, Default)]
pub struct Outputs {
    /// Write the report as JSON
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    json: Option<PathBuf>,
    /// Write the report as `JUnit` XML
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    junit: Option<PathBuf>,
    /// Write a short report as Markdown
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    markdown: Option<PathBuf>,
    /// Write the report as one page of HTML
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    html: Option<PathBuf>,
    /// Put the time of each case into the reports, which then differ from run to run
    #[arg(long, help_heading = "Reports")]
    timings: bool,
    /// What `prove --json` or `tools/mutants` wrote: the other families of mutants, to be shown beside M1;
    /// repeat for several files, each with other families
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    proof: Vec<PathBuf>,
}

impl Outputs {
    /// Whether any report is asked for.
    pub fn any(&self) -> bool {
        self.files().next().is_some()
    }

    /// Whether a report goes to standard output, so that nothing else may.
    pub fn take_stdout(&self) -> bool {
        self.files().any(is_stdout)
    }

    /// Checks the arguments before a long run.
    ///
    /// # Errors
    ///
    /// If a report cannot be written where it should, a proof is none, or two have the same family.
    pub fn check(&self) -> Result<(), Failure> {
        if self.files().filter(|path| is_stdout(path)).count() > 1 {
            let problem = "two reports go to standard output; give one of them a file";
            return Err(Failure::from(problem));
        }
        for path in self.files().filter(|path| !is_stdout(path)) {
            let folder = path.parent().filter(|folder| *folder != Path::new(""));
            if path.is_dir() || folder.is_some_and(|folder| !folder.is_dir()) {
                let name = path.display();
                let problem = "name a file in a folder that exists";
                return Err(Failure::from(format!(
                    "{name} cannot be written: {problem}"
                )));
            }
        }
        self.proof().map(drop)
    }

    /// Writes the requested reports.
    ///
    /// # Errors
    ///
    /// If a file cannot be written.
    pub fn write(&self, run: &Run) -> Result<(), Failure> {
        self.check()?;
        let mut run = run.clone();
        if !self.timings {
            run = run.without_timings();
        }
        if let Some(proof) = self.proof()? {
            run = run.with_proof(&proof);
        }
        if let Some(path) = &self.json {
            put(path, &run.json()?)?;
        }
        if let Some(path) = &self.junit {
            put(path, &junit(&run)?)?;
        }
        if let Some(path) = &self.markdown {
            put(path, &markdown(&run))?;
        }
        if let Some(path) = &self.html {
            put(path, &html(&run))?;
        }
        Ok(())
    }

    fn files(&self) -> impl Iterator<Item = &Path> {
        [&self.json, &self.junit, &self.markdown, &self.html]
            .into_iter()
            .flatten()
            .map(PathBuf::as_path)
    }

    fn proof(&self) -> Result<Option<Proof>, Failure> {
        let mut whole: Option<Proof> = None;
        for path in &self.proof {
            let proof = read_proof(path)?;
            match &mut whole {
                None => whole = Some(proof),
                Some(whole) => add(whole, proof)
                    .map_err(|problem| format!("the proof {}: {problem}", path.display()))?,
            }
        }
        Ok(whole)
    }
}

fn read_proof(path: &Path) -> Result<Proof, Failure> {
    let name = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("the proof {name} cannot be read: {error}"))?;
    let give = "give a file that the --json of `prove` or of `tools/mutants` wrote";
    let proof: Proof = serde_json::from_str(&text)
        .map_err(|error| format!("{name} is no proof: {error}; {give}"))?;
    if proof.format != FORMAT {
        let found = proof.format;
        let problem = format!("it has format {found}, not {FORMAT}");
        return Err(Failure::from(format!(
            "{name} is no proof: {problem}; {give}"
        )));
    }
    Ok(proof)
}

/// Adds the families of another proof. One that both have may be the same mutants, which would count twice.
fn add(whole: &mut Proof, other: Proof) -> Result<(), String> {
    for (name, family, more) in [
        ("M0", &mut whole.m0, other.m0),
        ("M1", &mut whole.m1, other.m1),
        ("M2", &mut whole.m2, other.m2),
        ("M3", &mut whole.m3, other.m3),
    ] {
        if family.mutants > 0 && more.mutants > 0 {
            return Err(format!("{name} is in another proof as well; give it once"));
        }
        family.add(more);
    }
    Ok(())
}

fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// A reader never sees half a file.
fn put(path: &Path, text: &str) -> Result<(), Failure> {
    if is_stdout(path) {
        return print_as_it_is(text);
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    std::fs::write(&beside, text)
        .and_then(|()| std::fs::rename(&beside, path))
        .map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::report::proof::Family;

    use super::*;

    fn with(family: &str) -> Proof {
        let mut proof = Proof::default();
        let tried = Family::of([("a".to_owned(), true), ("b".to_owned(), false)]);
        match family {
            "M2" => proof.m2 = tried,
            _ => proof.m3 = tried,
        }
        proof
    }

    #[test]
    fn the_families_of_several_proofs_stand_in_one_report() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, proof: &Proof| {
            let path = folder.path().join(name);
            std::fs::write(&path, serde_json::to_string(proof).unwrap()).unwrap();
            path
        };
        let (code, specs) = (file("a.json", &with("M2")), file("b.json", &with("M3")));
        let outputs = |proof: [&PathBuf; 2]| Outputs {
            proof: proof.map(Clone::clone).into(),
            ..Outputs::default()
        };
        let both = outputs([&code, &specs]).proof().unwrap().unwrap();
        assert_eq!((both.m2, both.m3), (with("M2").m2, with("M3").m3));
        let Failure(error) = outputs([&code, &code]).check().unwrap_err();
        assert!(error.contains("a.json: M2 is in another"), "{error}");
        assert!(Outputs::default().proof().unwrap().is_none());
    }
}
