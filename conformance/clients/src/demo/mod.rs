//! A walk through every flow that the documents describe: our clients against the emulator.
//!
//! Each step says what it does, lists the exchanges that it expects, and prints those that took place,
//! with every secret replaced by a name. Both must be exactly equal.

mod account;
mod aispf;
mod jooto;
mod marketo;
mod walk;

use std::fmt;
use std::io::{self, Write};

use tegata_emulator::{ClockMode, Config, Emulator, Error as EmulatorError};

use walk::Walk;

/// The result of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The steps that were as documented.
    pub passed: usize,
    /// Those that were not.
    pub failed: usize,
}

/// Why a walk ended early.
#[derive(Debug)]
pub enum Error {
    /// The emulator could not be started or controlled.
    Emulator(EmulatorError),
    /// The account could not be written.
    Output(io::Error),
    /// A client could not be set up.
    Client(tegata::Error),
}

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

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Emulator(error) => write!(f, "the emulator: {error}"),
            Self::Output(error) => write!(f, "the account cannot be written: {error}"),
            Self::Client(error) => write!(f, "a client cannot be set up: {error}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<EmulatorError> for Error {
    fn from(error: EmulatorError) -> Self {
        Self::Emulator(error)
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<tegata::Error> for Error {
    fn from(error: tegata::Error) -> Self {
        Self::Client(error)
    }
}
