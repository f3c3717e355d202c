//! Wrong specs that neither cases nor fixtures notice: generates code from them, and tests it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::{CodeError, Scratch, Shard};
use tegata_conformance::case::{Provider, Suite};
use tegata_proof::spec::Spec;
use tegata_proof::{SpecFate, SpecRecord, embedded_specs, unnoticed};

/// Generates from each wrong spec of the workspace at `root` that the suite's data do not notice and `known`
/// does not know, and where that changes any code, builds it and holds it to the cases and to the tests of the
/// provider's calls. `keep` gets the record each time it has grown.
///
/// # Errors
///
/// If the copy cannot be made, or does not pass as it is.
pub(crate) fn specs(
    suite: &Suite,
    root: &Path,
    target: Option<&Path>,
    shard: Shard,
    known: &SpecRecord,
    report: &dyn Fn(&str),
    keep: &dyn Fn(&SpecRecord) -> Result<(), CodeError>,
) -> Result<SpecRecord, CodeError> {
    let fail = |error: &dyn std::fmt::Display| CodeError(error.to_string());
    let specs = embedded_specs().map_err(|error| fail(&error))?;
    let mut record = SpecRecord::of(&specs);
    let here: Result<Vec<Spec>, _> = Provider::all()
        .iter()
        .copied()
        .map(|provider| Spec::load(root, provider))
        .collect();
    if SpecRecord::of(&here.map_err(|error| fail(&error))?) != record {
        return Err(CodeError(
            "the specs are not those that this program was built with: build it anew".to_owned(),
        ));
    }
    record.take_over(known.clone());
    let left = unnoticed(suite, &specs).enumerate();
    let left: Vec<_> = left
        .filter(|(index, (_, edit))| shard.holds(*index) && !record.fates.contains_key(&edit.name))
        .map(|(_, one)| one)
        .collect();
    // Nothing has to be built for the other providers.
    let mut providers: Vec<Provider> = left.iter().map(|(spec, _)| spec.provider).collect();
    providers.dedup();
    let bench = Bench::set_up(Scratch::copy(root, target)?, &specs, &providers, report)?;
    for (spec, edit) in left {
        let fate = bench.attempt(spec.provider, &edit.apply(&spec.tree))?;
        bench.write(spec.provider, &spec.tree)?;
        report(&format!("{fate:?}: {}", edit.name));
        record.fates.insert(edit.name, fate);
        keep(&record)?;
    }
    Ok(record)
}

/// A copy of the workspace with the unchanged specs, which passes.
struct Bench {
    scratch: Scratch,
    /// The generated code of each unchanged spec.
    generated: BTreeMap<Provider, String>,
}

impl Bench {
    fn set_up(
        scratch: Scratch,
        specs: &[Spec],
        providers: &[Provider],
        report: &dyn Fn(&str),
    ) -> Result<Self, CodeError> {
        let mut bench = Self {
            scratch,
            generated: BTreeMap::new(),
        };
        report("the copy as it is");
        bench.must(&bench.cargo(&["build", "--quiet", "--package", "xtask"])?)?;
        for spec in specs {
            bench.write(spec.provider, &spec.tree)?;
            bench.must(&bench.generate(spec.provider)?)?;
            let code = bench.code(spec.provider)?;
            bench.generated.insert(spec.provider, code);
        }
        for provider in providers.iter().copied() {
            bench.must(&bench.test(provider, false)?)?;
        }
        Ok(bench)
    }

    fn attempt(&self, provider: Provider, wrong: &Value) -> Result<SpecFate, CodeError> {
        self.write(provider, wrong)?;
        if !self.generate(provider)?.status.success() {
            return Ok(SpecFate::Refused);
        }
        if self.generated.get(&provider) == Some(&self.code(provider)?) {
            return Ok(SpecFate::Same);
        }
        let fate = if !self.test(provider, true)?.status.success() {
            SpecFate::Unbuilt
        } else if self.test(provider, false)?.status.success() {
            SpecFate::Survived
        } else {
            SpecFate::Noticed
        };
        Ok(fate)
    }

    /// JSON is YAML, too.
    fn write(&self, provider: Provider, tree: &Value) -> Result<(), CodeError> {
        let path = self.scratch.root().join(Spec::file(provider));
        std::fs::write(&path, format!("{tree:#}\n"))
            .map_err(|error| CodeError(format!("{}: {error}", path.display())))
    }

    fn generate(&self, provider: Provider) -> Result<Output, CodeError> {
        let xtask = self.scratch.target().join("debug").join("xtask");
        self.run(Command::new(xtask).args(["gen", provider.name()]))
    }

    /// The generated code of a provider, but for the lines that name its spec.
    fn code(&self, provider: Provider) -> Result<String, CodeError> {
        let folder = format!("crates/{}/src/generated", provider.name());
        let folder = self.scratch.root().join(folder);
        let fail = |error: std::io::Error| CodeError(format!("{}: {error}", folder.display()));
        let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
            .map_err(fail)?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        files.sort();
        let mut code = String::new();
        for file in files
            .iter()
            .filter(|file| file.extension().is_some_and(|end| end == "rs"))
        {
            let text = std::fs::read_to_string(file).map_err(fail)?;
            for line in text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
            {
                code.push_str(line);
                code.push('\n');
            }
        }
        Ok(code)
    }

    fn test(&self, provider: Provider, only_build: bool) -> Result<Output, CodeError> {
        let package = format!("--package=tegata-{}", provider.name());
        let mut arguments = vec!["test", "--quiet", "--package=tegata-clients", &package];
        arguments.extend(["--test=our_clients", "--test=flows"]);
        if only_build {
            arguments.push("--no-run");
        }
        self.cargo(&arguments)
    }

    fn cargo(&self, arguments: &[&str]) -> Result<Output, CodeError> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        self.run(Command::new(cargo).args(arguments))
    }

    fn run(&self, command: &mut Command) -> Result<Output, CodeError> {
        command
            .current_dir(self.scratch.root())
            .env_remove("CARGO_MANIFEST_DIR")
            .env("CARGO_TARGET_DIR", self.scratch.target())
            .stdin(Stdio::null())
            .output()
            .map_err(|error| CodeError(format!("{command:?} cannot be started: {error}")))
    }

    /// The unchanged copy must pass.
    fn must(&self, output: &Output) -> Result<(), CodeError> {
        if output.status.success() {
            return Ok(());
        }
        let said = [&output.stdout[..], &output.stderr[..]].concat();
        let said = String::from_utf8_lossy(&said);
        let from = said.char_indices().rev().nth(2000).map_or(0, |(at, _)| at);
        let root = self.scratch.root().display();
        Err(CodeError(format!(
            "{root}: fails before anything is wrong: {}",
            &said[from..]
        )))
    }
}
