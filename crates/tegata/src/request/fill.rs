//! Bodies that are made anew each time a request is sent.

use reqwest::Request;

use crate::Error;
use crate::provider::BoxFuture;

/// Gives a request its body, each time it is sent.
pub(crate) type Fill =
    Box<dyn Fn(Request) -> BoxFuture<'static, Result<Request, Error>> + Send + Sync>;

/// Fills a request with a form of several parts.
#[cfg(feature = "multipart")]
pub(crate) fn form<F>(http: reqwest::Client, form: impl Fn() -> F + Send + Sync + 'static) -> Fill
where
    F: Future<Output = Result<reqwest::multipart::Form, Error>> + Send + 'static,
{
    // Only reqwest's builder can put a form into a request, and any client can create one.
    Box::new(move |mut request| {
        let (http, form) = (http.clone(), form());
        Box::pin(async move {
            let form = form.await?;
            request.headers_mut().remove(reqwest::header::CONTENT_TYPE);
            let request = reqwest::RequestBuilder::from_parts(http, request);
            let request = request.multipart(form).build();
            request.map_err(Error::from_reqwest)
        })
    })
}
