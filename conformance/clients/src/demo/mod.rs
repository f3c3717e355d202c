//! A walk through every flow that the documents describe: our clients against the emulator.
//!
//! Each step says what it does, lists the exchanges that it expects, and prints those that took place,
//! with every secret replaced by a name. Both must be exactly equal.

mod account;
mod aispf;
mod jooto;
mod marketo;
mod outcome;
mod walk;

use std::io::Write;

use tegata_emulator::{ClockMode, Config, Emulator};

pub use outcome::{Error, Outcome};
use walk::Walk;

/// Walks every flow of all three providers and writes an account of it.
///
/// # Errors
/// When the emulator cannot be started, a client not be built, or the account not be written. A flow that
/// is not as documented is no error here, but counted in the outcome.
pub async fn run(out: &mut (dyn Write + Send)) -> Result<Outcome, Error> {
    let mut config = Config::default();
    config.emulator.clock = ClockMode::Frozen;
    let emulator = Emulator::start(config.clone())?;
    let mut walk = Walk::new(&emulator, &config, out);
    aispf::walk(&mut walk).await?;
    jooto::walk(&mut walk).await?;
    marketo::walk(&mut walk).await?;
    walk.end()
}
