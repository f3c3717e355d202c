//! The families that need nothing built: M0, M1 and M3.

use tegata_conformance::case::Suite;
use tegata_conformance::fixture::ValueError;
use tegata_conformance::judge::prove;
use tegata_conformance::report::proof::{Family, Proof};
use tegata_conformance::script::RunError;

use crate::specs::SpecRecord;
use crate::{fixtures, specs, vacuous};

/// Tries M0, M1 and M3, where specs that would need a build come from the record.
/// Call it outside of any runtime.
///
/// # Errors
///
/// If the harness fails, or a case is wrong.
pub fn prove_data(suite: &Suite, progress: &dyn Fn(&str)) -> Result<Proof, RunError> {
    progress("M0: vacuous clients");
    let m0 = vacuous::family(suite)?;
    progress("M1: wrong exchanges");
    let m1 = exchanges(suite)?;
    progress("M3: wrong fixtures");
    let mut m3 = fixtures::family(suite)?;
    progress("M3: wrong specs");
    let specs = SpecRecord::embedded().and_then(|record| specs::family(suite, &record));
    m3.add(specs.map_err(|error| RunError::Data(error.to_string()))?);
    Ok(Proof {
        m0,
        m1,
        m3,
        ..Proof::default()
    })
}

fn exchanges(suite: &Suite) -> Result<Family, ValueError> {
    let reports = prove(suite)?;
    Ok(Family::of(reports.into_iter().map(|report| {
        let change = serde_json::to_string(&report.mutant.mutation).unwrap_or_default();
        let (on, by) = (&report.mutant.on, &report.mutant.killed_by);
        (
            format!("{}#{by}: {change} on {on}", report.case),
            report.killed,
        )
    })))
}
