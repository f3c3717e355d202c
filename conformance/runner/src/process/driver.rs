//! The other side of the protocol, for clients that are driven from Rust.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};

use super::{Answer, Message};
use crate::script::{Driver, Outcome, Session};

/// Performs the task of the first message and then one a line, and answers each.
///
/// # Errors
///
/// If a message cannot be read or an answer cannot be written.
pub async fn drive<D: Driver>(
    driver: &D,
    first: &str,
    lines: impl BufRead,
    mut answers: impl Write,
) -> io::Result<()> {
    let mut sessions: BTreeMap<String, D::Session> = BTreeMap::new();
    for line in std::iter::once(Ok(first.to_owned())).chain(lines.lines()) {
        let message: Message = serde_json::from_str(&line?)?;
        let account = &message.context.account;
        if message.open {
            sessions.remove(account);
        }
        let opened = if sessions.contains_key(account) {
            Ok(())
        } else {
            let session = driver.open(&message.context).await;
            session.map(|session| drop(sessions.insert(account.clone(), session)))
        };
        let outcome = match (opened, sessions.get_mut(account)) {
            (Ok(()), Some(session)) => session.perform(&message.task(), message.context.now).await,
            (Err(failure), _) => Outcome::Error(failure),
            (Ok(()), None) => {
                Outcome::Error(crate::script::Failure::of(crate::script::ErrorKind::Other))
            }
        };
        writeln!(answers, "{}", Answer::from(outcome).line())?;
        answers.flush()?;
    }
    Ok(())
}
