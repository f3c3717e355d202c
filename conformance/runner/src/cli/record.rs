//! `record`: a proxy that writes the exchanges it forwards as fixtures.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tokio::sync::mpsc::UnboundedReceiver;

use crate::case::{Provider, Suite};
use crate::record::{
    AllowList, Base, RecordError, Recorder, Redaction, Settings, Summary, WriteError, bases,
};
use crate::trust::Trust;

use super::Failure;
use super::providers::with_servers;
use super::signal::interrupted;
use super::suite::print;

/// Records a client's exchanges with a provider as fixtures that hold no secret.
///
/// Listens on 127.0.0.1, one port for each server, and prints one JSON line with the addresses:
/// give them to the client as base URLs. Only values that are known to be harmless are written;
/// all others stand by name. Ends on Ctrl-C or after --exchanges; with 1 if a canary survived the
/// redaction.
#[derive(clap::Args)]
pub struct Args {
    /// Folder for the recording: a new or empty one
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
    #[arg(long, value_name = "SERVER=URL", required = true, help = with_servers("Where a server is"))]
    upstream: Vec<String>,
    /// Allow upstreams on other machines
    #[arg(long)]
    live: bool,
    /// Trust this authority, too: a file of certificates as PEM
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Keep the values of headers, fields and members of this name: they are harmless
    #[arg(long, value_name = "NAME")]
    keep: Vec<String>,
    /// Fail if this is found in a file, in any encoding; more of them, separated by blanks, in
    /// `TEGATA_CANARIES`
    #[arg(long, value_name = "TEXT")]
    canary: Vec<String>,
    /// End after so many exchanges
    #[arg(long, value_name = "N")]
    exchanges: Option<usize>,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let suite = Suite::embedded()?;
    let upstreams = upstreams(&suite.providers, &args.upstream)?;
    if let Some(far) = upstreams.iter().find(|base| !base.is_loopback())
        && !args.live
    {
        return Err(Failure::from(format!(
            "{} is not on this machine; add --live to send requests to a vendor",
            far.server.name()
        )));
    }
    let list = args
        .keep
        .iter()
        .fold(AllowList::new(&suite.fixtures), |list, name| {
            list.keep(name)
        });
    let mut canaries = args.canary.clone();
    let given = std::env::var("TEGATA_CANARIES").unwrap_or_default();
    canaries.extend(given.split_whitespace().map(str::to_owned));
    let settings = Settings {
        upstreams,
        trust: trust(args.ca.as_deref())?,
        folder: args.to.clone(),
        redaction: Redaction::new(list, &suite.providers),
        canaries,
        exchanges: args.exchanges,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(async {
        let mut recorder = Recorder::start(settings).await?;
        // A reader that has gone away ends nothing: the addresses may be known otherwise.
        let _ = print(&format!("{}\n", recorder.ready_line()));
        let problems = recorder.problems();
        tokio::spawn(say(problems));
        tokio::select! {
            () = recorder.finished() => {}
            () = interrupted() => {}
        }
        recorder.stop()
    });
    match outcome {
        Ok(summary) => {
            print(&describe(&summary))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(RecordError::Write(leaked @ WriteError::Leaked(..))) => {
            print(&format!("FAILED: {leaked}\n"))?;
            Ok(ExitCode::from(1))
        }
        Err(error) => Err(error.into()),
    }
}

/// The base URLs of servers of these providers. Read here, since a parser of arguments would print a wrong one with all
/// that it holds.
pub(crate) fn upstreams(providers: &[Provider], given: &[String]) -> Result<Vec<Base>, Failure> {
    let all = given
        .iter()
        .map(|text| Base::read(text, providers))
        .collect::<Result<Vec<Base>, _>>()?;
    Ok(bases(&all)?)
}

/// The authorities that are trusted besides those of the system.
pub(crate) fn trust(file: Option<&Path>) -> Result<Trust, Failure> {
    Ok(file.map(Trust::read).transpose()?.unwrap_or_default())
}

fn describe(summary: &Summary) -> String {
    let mut fixtures = summary.fixtures.clone();
    fixtures.sort();
    fixtures.dedup();
    let mut text = format!(
        "{} exchanges recorded as {} fixtures\n",
        summary.fixtures.len(),
        fixtures.len()
    );
    for id in &fixtures {
        text.extend(["  ", id, "\n"]);
    }
    for (what, reasons) in [
        ("recorded in part", &summary.unread),
        ("not recorded", &summary.dropped),
    ] {
        for (why, count) in counted(reasons) {
            let times = match count {
                1 => String::new(),
                count => format!(" ({count} times)"),
            };
            text.extend([what, ": ", why, &times, "\n"]);
        }
    }
    text
}

/// Each reason once, in the order in which they came up, and how often.
fn counted(reasons: &[String]) -> Vec<(&str, usize)> {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (index, why) in reasons.iter().enumerate() {
        counts.entry(why).or_insert((index, 0)).1 += 1;
    }
    let mut counted: Vec<_> = counts.into_iter().collect();
    counted.sort_by_key(|(_, (index, _))| *index);
    let counted = counted.into_iter();
    counted.map(|(why, (_, count))| (why, count)).collect()
}

/// Says each problem while the recording goes on: standard output has the summary.
async fn say(problems: Option<UnboundedReceiver<String>>) {
    let Some(mut problems) = problems else {
        return;
    };
    while let Some(problem) = problems.recv().await {
        // A reader that has gone away ends no recording.
        let _ = writeln!(std::io::stderr(), "{problem}");
    }
}
