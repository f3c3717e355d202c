//! How a walk ends.

use std::fmt;
use std::io;

use tegata_emulator::Error as EmulatorError;

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
