#[allow(unused_imports)]
pub use progenitor_client::{ByteStream, ClientInfo, Error, ResponseValue};
#[allow(unused_imports)]
use progenitor_client::{encode_path, ClientHooks, OperationInfo, RequestBuilderExt};
/// Types used as operation parameters and responses.
#[allow(clippy::all)]
pub mod types {
    /// `Error`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct Error {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub code: ::std::option::Option<i64>,
    }
    /// Error types.
    pub mod error {
        /// Error from a `TryFrom` or `FromStr` implementation.
        pub struct ConversionError(::std::borrow::Cow<'static, str>);
        impl ::std::error::Error for ConversionError {}
        impl ::std::fmt::Display for ConversionError {
            fn fmt(
                &self,
                f: &mut ::std::fmt::Formatter<'_>,
            ) -> Result<(), ::std::fmt::Error> {
                ::std::fmt::Display::fmt(&self.0, f)
            }
        }
        impl ::std::fmt::Debug for ConversionError {
            fn fmt(
                &self,
                f: &mut ::std::fmt::Formatter<'_>,
            ) -> Result<(), ::std::fmt::Error> {
                ::std::fmt::Debug::fmt(&self.0, f)
            }
        }
        impl From<&'static str> for ConversionError {
            fn from(value: &'static str) -> Self {
                Self(value.into())
            }
        }
        impl From<String> for ConversionError {
            fn from(value: String) -> Self {
                Self(value.into())
            }
        }
    }
}
#[derive(Clone, Debug)]
/// Client for Shop
///
/// Version: 1
pub struct Client {
    pub(crate) inner: ::tegata::provider::Transport,
    pub(crate) form: Option<::tegata::multipart::Form>,
}
impl ClientInfo<::tegata::provider::Transport> for Client {
    fn api_version() -> &'static str {
        "1"
    }
    fn baseurl(&self) -> &str {
        self.inner.base_url().as_str()
    }
    fn client(&self) -> &reqwest::Client {
        &self.inner.http_client()
    }
    fn inner(&self) -> &::tegata::provider::Transport {
        &self.inner
    }
}
const _: () = {
    #[allow(dead_code)]
    fn assert_client_hooks()
    where
        Client: ClientHooks<::tegata::provider::Transport>,
    {}
};
#[allow(clippy::all)]
impl Client {}
/// Items consumers will typically use such as the Client.
pub mod prelude {
    #[allow(unused_imports)]
    pub use super::Client;
}
impl ::progenitor_client::ClientHooks<::tegata::provider::Transport> for Client {
    async fn exec(
        &self,
        mut request: ::reqwest::Request,
        info: &::progenitor_client::OperationInfo,
    ) -> ::reqwest::Result<::reqwest::Response> {
        let wire = super::wire::of(info.operation_id);
        wire.prepare(&mut request);
        let how = ::tegata::provider::generated::How::default()
            .streamed(wire.is_streamed(&request))
            .form(self.form.as_ref());
        let answer = ::tegata::provider::generated::execute_as(
                &self.inner,
                request,
                &super::security::PROVIDER,
                info.operation_id,
                how,
            )
            .await?;
        wire.finish(answer).await
    }
}
