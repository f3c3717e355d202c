//! M0: vacuous clients, which do nothing useful.

use tegata_clients::naive::Vacuous;
use tegata_conformance::case::{Case, Level, Suite};
use tegata_conformance::report::Verdict;
use tegata_conformance::report::proof::Family;
use tegata_conformance::script::{ErrorKind, RunError, Runner, cores};

pub(super) fn family(suite: &Suite) -> Result<Family, RunError> {
    let musts: Vec<&Case> = suite
        .cases
        .iter()
        .filter(|case| case.level == Level::Must && case.role.judges_clients())
        .collect();
    let mut clients = vec![Vacuous::SaysOk, Vacuous::FixedRequest];
    clients.extend(ErrorKind::ALL.map(Vacuous::SaysError));
    let mut family = Family::default();
    for client in clients {
        let reports = Runner::new(suite).run_all(&musts, &client, cores())?;
        family.add(Family::of(reports.into_iter().map(|report| {
            let name = format!("{client:?} at {}", report.case);
            (name, report.verdict != Verdict::Pass)
        })));
    }
    Ok(family)
}
