//! Running a case against a client over real HTTP on loopback: a server that answers the case's
//! fixtures in order and records the requests, and the trait through which a client is driven.
//!
//! ```
//! use tegata_conformance::case::Suite;
//! use tegata_conformance::report::Verdict;
//! use tegata_conformance::script::{Replay, Runner};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let suite = Suite::embedded()?;
//! let case = suite.case("marketo.refused.602").ok_or("no such case")?;
//!
//! // In place of `Replay`, which sends what the fixtures recorded, your own driver.
//! let report = Runner::new(&suite).run(case, &Replay::new(&suite)).await?;
//!
//! assert_eq!(report.verdict, Verdict::Pass);
//! # Ok(())
//! # }
//! ```

mod context;
mod driver;
mod endpoint_case;
mod error;
mod given;
mod many;
mod outcome;
mod pool;
mod read;
mod replay;
mod run;
mod server;
mod stage;

pub use context::{Context, Credentials, Task, Tokens};
pub use driver::{Driver, Session};
pub use endpoint_case::{Endpoint, run_endpoint_case};
pub use error::RunError;
pub use many::cores;
pub use outcome::{ErrorKind, Failure, Outcome, Success};
pub use pool::{PooledServer, Servers};
pub use read::{ReadError, read_request};
pub use replay::{Replay, ReplaySession, Reply, exchange_bytes};
pub use run::Runner;
pub(crate) use server::unexpected;
pub use server::{Manner, Script, ScriptServer};
pub use stage::{Stage, Turn};
