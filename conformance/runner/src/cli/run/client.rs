//! `run --client`: a command that is started once a case.

use std::io::{self, IsTerminal as _, Write as _};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use crate::process::{Client, LIMIT, LogFile, Profile, Ran, run_all};
use crate::report::Subject;

use super::super::signal::interrupted;
use super::{Failure, Plan};

/// Without a terminal: how many cases lie between two lines of progress.
const EVERY: usize = 25;

/// How the command is run.
#[derive(clap::Args)]
pub(super) struct Options {
    /// What the client can do, separated by commas; `all` for everything
    #[arg(
        long,
        value_name = "NAMES",
        conflicts_with = "profile",
        value_delimiter = ','
    )]
    features: Option<Vec<String>>,
    /// The same as a TOML file: `features`, and if need be `name` and `providers`
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// A log file of the client, searched for secrets; `{case}` stands for the case's id
    #[arg(long, value_name = "FILE")]
    log: Vec<String>,
    /// How long a case may take
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<Duration>,
    /// How many cases run at the same time; as many as there are processors if not given
    #[arg(long, value_name = "COUNT")]
    jobs: Option<NonZeroUsize>,
}

/// The command without the folder of its program, which says nothing and differs by machine.
fn short(command: &str) -> &str {
    let end = command.find(char::is_whitespace).unwrap_or(command.len());
    let start = command[..end].rfind(['/', '\\']).map_or(0, |at| at + 1);
    &command[start..]
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| *seconds > 0.0);
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "give a number of seconds above 0".to_owned())
}

/// Runs the cases, and says who was judged.
pub(super) fn run(
    args: &Options,
    command: &str,
    plan: &Plan<'_>,
) -> Result<(Subject, Vec<Ran>), Failure> {
    let profile = match (&args.features, &args.profile) {
        (Some(names), _) => Profile::of(names.iter().map(String::as_str))?,
        (None, Some(path)) => Profile::read(path, &plan.suite.providers)?,
        (None, None) => {
            return Err(Failure::from(format!(
                "say what the client can do by --features or --profile: `all`, or some of {}",
                Profile::names().join(", ")
            )));
        }
    };
    let name = profile.name.clone();
    let name = name.unwrap_or_else(|| short(command).to_owned());
    let subject = Subject::client(name, &profile.features());
    let mut client = Client::new(command.parse()?, profile).limit(args.timeout.unwrap_or(LIMIT));
    for path in &args.log {
        client = client.log(LogFile::new(path));
    }
    let jobs = args
        .jobs
        .or_else(|| std::thread::available_parallelism().ok());
    let jobs = jobs.map_or(1, NonZeroUsize::get);
    let mut progress = Progress::new(plan.cases.len());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let ran = runtime.block_on(async {
        tokio::select! {
            ran = run_all(plan.suite, &plan.cases, &client, jobs, |ran| progress.step(ran)) => {
                ran.map_err(Failure::from)
            }
            () = interrupted() => Err(Failure::from("interrupted; the client was killed")),
        }
    });
    progress.end();
    let ran = ran?;
    if let Some(log) = client.logs().iter().find(|log| !log.was_found()) {
        return Err(Failure::from(format!(
            "{} was never written, so nothing was searched; name the file that the client writes",
            log.path()
        )));
    }
    Ok((subject, ran))
}

/// How far the run is, on the standard error.
struct Progress {
    total: usize,
    done: usize,
    terminal: bool,
}

impl Progress {
    fn new(total: usize) -> Self {
        Self {
            total,
            done: 0,
            terminal: io::stderr().is_terminal(),
        }
    }

    fn step(&mut self, ran: &Ran) {
        self.done += 1;
        let (done, total, case) = (self.done, self.total, &ran.report.case);
        // It is informative only: a closed standard error is no failure.
        let _ = if self.terminal {
            write!(io::stderr(), "\r\x1b[K{done}/{total} {case}")
        } else if done.is_multiple_of(EVERY) {
            writeln!(io::stderr(), "{done}/{total} {case}")
        } else {
            Ok(())
        };
    }

    fn end(&self) {
        if self.terminal {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn a_client_is_called_by_its_command_without_the_folder() {
        for (command, name) in [
            ("/opt/my/client --flag /a/b", "client --flag /a/b"),
            ("./conform", "conform"),
            ("python3 drive.py", "python3 drive.py"),
            ("C:\\tools\\conform.exe", "conform.exe"),
            ("", ""),
        ] {
            assert_eq!(short(command), name);
        }
    }
}
