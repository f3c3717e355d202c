//! Broken clients against the cases that are about their bugs.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::task::JoinSet;

use tegata_clients::naive::{Naive, Row, matches};
use tegata_conformance::case::Suite;
use tegata_conformance::script::{RunError, Runner};

/// What speaks against each row, in their order.
pub(super) async fn all(
    suite: &Suite,
    rows: impl IntoIterator<Item = Row>,
) -> Result<Vec<Vec<String>>, RunError> {
    let suite = Arc::new(suite.clone());
    let mut tasks = JoinSet::new();
    for (index, row) in rows.into_iter().enumerate() {
        let suite = Arc::clone(&suite);
        tasks.spawn(async move { (index, one(&suite, row).await) });
    }
    let mut found = Vec::new();
    while let Some(done) = tasks.join_next().await {
        let (index, problems) = done.map_err(|error| RunError::Data(error.to_string()))?;
        found.push((index, problems?));
    }
    found.sort();
    Ok(found.into_iter().map(|(_, problems)| problems).collect())
}

/// Only the cases of the checks that must fail are run: this is to be quick, and what the other
/// cases say is shown by the crate's tests.
async fn one(suite: &Suite, row: Row) -> Result<Vec<String>, RunError> {
    let Row { bug, fails, allows } = row;
    let cases: BTreeSet<&str> = fails.iter().filter_map(|id| id.split('#').next()).collect();
    let (runner, naive) = (Runner::new(suite), Naive::with(bug));
    let mut failed = BTreeSet::new();
    for case in suite
        .cases
        .iter()
        .filter(|case| cases.contains(case.id.as_str()))
    {
        let report = runner.run(case, &naive).await?;
        failed.extend(report.failures().map(|check| check.id.clone()));
    }
    let spared = fails.iter().filter(|id| !failed.contains(**id));
    let mut problems: Vec<String> = spared.map(|id| format!("{bug:?}: {id} passes")).collect();
    let allowed = |id: &String| {
        fails.contains(&id.as_str()) || allows.iter().any(|pattern| matches(pattern, id))
    };
    let others = failed.iter().filter(|id| !allowed(id));
    problems.extend(others.map(|id| format!("{bug:?}: {id} fails, which is not about it")));
    Ok(problems)
}
