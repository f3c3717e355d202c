use super::client::{Client, types};
/// The operations on the server `https://api.example.com`.
#[derive(Clone, Debug)]
pub struct Operations {
    client: Client,
}
impl Operations {
    /// Operations on the base URL of a transport.
    pub fn new(transport: ::tegata::provider::Transport) -> Self {
        Self {
            client: Client {
                inner: transport,
                form: None,
            },
        }
    }
    /// That transport, for requests that no operation makes.
    pub fn transport(&self) -> &::tegata::provider::Transport {
        &self.client.inner
    }
    /// `GET /cards/v1/cards`
    ///
    /// Feature: `cards-new`
    ///
    /// # Errors
    ///
    /// When no credential can be had, the request does not get through, or the answer is no success or cannot be read.
    pub async fn list_cards(
        &self,
    ) -> Result<::tegata::Reply<types::CardList>, ::tegata::Error> {
        ::tegata::provider::generated::finish(self.client.list_cards().await)
    }
    /// `POST /cards/v1/cards/{id}/order`
    ///
    /// Feature: `cards-new` or `orders`
    ///
    /// # Errors
    ///
    /// When no credential can be had, the request does not get through, or the answer is no success or cannot be read.
    pub async fn order_card(
        &self,
        id: &str,
    ) -> Result<::tegata::Reply<types::Receipt>, ::tegata::Error> {
        ::tegata::provider::generated::finish(self.client.order_card(id).await)
    }
}
/// The operations on the server `https://upload.example.com/v1`.
#[derive(Clone, Debug)]
pub struct UploadExampleComV1Operations {
    client: Client,
}
impl UploadExampleComV1Operations {
    /// Operations on the base URL of a transport.
    pub fn new(transport: ::tegata::provider::Transport) -> Self {
        Self {
            client: Client {
                inner: transport,
                form: None,
            },
        }
    }
    /// That transport, for requests that no operation makes.
    pub fn transport(&self) -> &::tegata::provider::Transport {
        &self.client.inner
    }
}
