//! The providers for which there are drivers here, by the names that the suite gives them.

/// Fujitsu AISPF.
pub const FUJITSU_AISPF: &str = "fujitsu-aispf";
/// Jooto.
pub const JOOTO: &str = "jooto";
/// Adobe Marketo Engage.
pub const MARKETO: &str = "marketo";

use tegata_conformance::case::Provider;
use tegata_conformance::script::{ErrorKind, Failure};

/// What a driver answers for a provider that it has no client for.
pub(crate) fn no_client(provider: Provider) -> Failure {
    Failure {
        said: vec![format!("there is no client for {}", provider.name())],
        ..Failure::of(ErrorKind::Config)
    }
}
