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
    /// `GET /cards/v1/health`
    ///
    /// Feature: `cards`
    ///
    /// # Errors
    ///
    /// When no credential can be had, the request does not get through, or the answer is no success or cannot be read.
    pub async fn health(&self) -> Result<::tegata::Reply<()>, ::tegata::Error> {
        ::tegata::provider::generated::finish(self.client.health().await)
    }
    /// `GET /orders/orders`
    ///
    /// Feature: `orders`
    ///
    /// # Errors
    ///
    /// When no credential can be had, the request does not get through, or the answer is no success or cannot be read.
    pub async fn list_orders(
        &self,
    ) -> Result<::tegata::Reply<types::OrderList>, ::tegata::Error> {
        ::tegata::provider::generated::finish(self.client.list_orders().await)
    }
    /// `POST /orders/orders`
    ///
    /// Feature: `orders`
    ///
    /// # Errors
    ///
    /// When no credential can be had, the request does not get through, or the answer is no success or cannot be read.
    pub async fn create_order(
        &self,
        body: &types::Order,
    ) -> Result<::tegata::Reply<types::Order>, ::tegata::Error> {
        ::tegata::provider::generated::finish(self.client.create_order(body).await)
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
    /// `GET /cards`
    ///
    /// Feature: `upload`
    ///
    /// # Errors
    ///
    /// When no credential can be had, the request does not get through, or the answer is no success or cannot be read.
    pub async fn list_cards2(
        &self,
    ) -> Result<::tegata::Reply<types::CardList>, ::tegata::Error> {
        ::tegata::provider::generated::finish(self.client.list_cards2().await)
    }
    /// `POST /cards`
    ///
    /// Feature: `upload`
    ///
    /// # Errors
    ///
    /// When no credential can be had, the request does not get through, or the answer is no success or cannot be read.
    ///
    /// What the server then answers is `error.answer()`: `Vec<types::BadLine>` with `400`.
    pub async fn upload_cards(
        &self,
        body: types::UploadCardsForm,
    ) -> Result<::tegata::Reply<()>, ::tegata::Error> {
        let client = Client {
            inner: self.client.inner.clone(),
            form: Some(body.into_form()?),
        };
        ::tegata::provider::generated::finish(
            client.upload_cards(::reqwest::Body::default()).await,
        )
    }
    /// `GET /pets`
    ///
    /// Feature: `upload`
    ///
    /// # Errors
    ///
    /// When no credential can be had, the request does not get through, or the answer is no success or cannot be read.
    pub async fn get_pet(&self) -> Result<::tegata::Reply<types::Pet>, ::tegata::Error> {
        ::tegata::provider::generated::finish(self.client.get_pet().await)
    }
}
