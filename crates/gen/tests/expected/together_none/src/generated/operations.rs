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
