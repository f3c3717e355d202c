//! Bodies that are made anew each time a request is sent.

use reqwest::Request;

use crate::Error;
use crate::provider::BoxFuture;

/// Gives a request its body, each time it is sent.
pub(crate) type Fill =
    Box<dyn Fn(Request) -> BoxFuture<'static, Result<Request, Error>> + Send + Sync>;
