//! The HTTP clients for requests to a vendor or to a server on loopback.

use std::net::{Ipv4Addr, Ipv6Addr};

use reqwest::{Client, ClientBuilder};

use crate::record::Base;
use crate::trust::Trust;

/// Clients that send each request once, to its server: no proxy is used for this machine.
#[derive(Debug)]
pub(crate) struct Upstream {
    near: Client,
    far: Client,
}

impl Upstream {
    pub(crate) fn new(
        trust: &Trust,
        limits: impl Fn(ClientBuilder) -> ClientBuilder,
    ) -> Result<Self, reqwest::Error> {
        let loopback = [
            (Ipv4Addr::LOCALHOST, 0).into(),
            (Ipv6Addr::LOCALHOST, 0).into(),
        ];
        let builder = || {
            let builder = Client::builder()
                // The whole build may have another one as well, whose errors `trust` cannot read.
                .tls_backend_rustls()
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .resolve_to_addrs("localhost", &loopback);
            trust.apply(limits(builder))
        };
        Ok(Self {
            near: builder().no_proxy().build()?,
            far: builder().build()?,
        })
    }

    pub(crate) fn client_for(&self, base: &Base) -> &Client {
        if base.is_loopback() {
            &self.near
        } else {
            &self.far
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    /// One of the two bases is far away, so that a proxy has to be used for that.
    #[tokio::test]
    async fn requests_to_this_machine_use_no_proxy() {
        let proxy = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let server = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let through = format!("http://{}", proxy.local_addr().expect("bound"));
        let through = reqwest::Proxy::all(through).expect("a proxy");
        let upstream = Upstream::new(&Trust::default(), |builder| builder.proxy(through.clone()));
        let upstream = upstream.expect("clients");
        let near = format!(
            "auth=http://localhost:{}",
            server.local_addr().expect("bound").port()
        );
        let near: Base = near.parse().expect("a base");
        let far: Base = "auth=https://vendor.example".parse().expect("a base");
        let sent = upstream.client_for(&near).get(near.origin()).send();
        tokio::select! {
            _ = server.accept() => {}
            _ = proxy.accept() => panic!("the proxy was asked for this machine"),
            _ = sent => panic!("no answer was given"),
        }
        let sent = upstream.client_for(&far).get(far.origin()).send();
        tokio::select! {
            _ = proxy.accept() => {}
            _ = sent => panic!("no answer was given"),
        }
    }
}
