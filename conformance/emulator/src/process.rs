//! The emulator as a process of its own, for programs in any language and for manual use.

use std::io::{self, Write as _};
use std::path::PathBuf;

use crate::tls::Tls;
use crate::{Config, Emulator, Error};

/// The options of the process.
#[derive(clap::Args, Clone, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// Port to listen on; 0 means any free one
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// Lifetime of every access token, instead of the configured ones
    #[arg(long, value_name = "SECONDS")]
    pub ttl: Option<u32>,
    /// TOML file with keys, clients, lifetimes and answers; what it leaves out keeps its default
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print the configuration as TOML and stop
    #[arg(long, conflicts_with = "tls")]
    pub print_config: bool,
    /// Speak TLS, with a certificate authority made for this process; `ca` in the JSON line
    #[arg(long)]
    pub tls: bool,
    /// Write that authority's certificate to this file, as PEM
    #[arg(long, value_name = "FILE", requires = "tls")]
    pub ca: Option<PathBuf>,
}

impl Options {
    /// The certificate authority and certificate, if TLS is wanted; the authority is written to its file.
    ///
    /// # Errors
    ///
    /// If there is no certificate, or the file cannot be written.
    pub fn tls(&self) -> Result<Option<Tls>, Error> {
        let tls = self.tls.then(Tls::generate).transpose();
        let tls = tls.map_err(|error| Error::new(error.to_string()))?;
        if let (Some(path), Some(tls)) = (&self.ca, &tls) {
            std::fs::write(path, tls.ca()).map_err(|error| {
                Error::new(format!("{} cannot be written: {error}", path.display()))
            })?;
        }
        Ok(tls)
    }

    fn config(&self) -> Result<Config, Error> {
        let mut config = match &self.config {
            Some(path) => Config::read(path)?,
            None => Config::default(),
        };
        if let Some(seconds) = self.ttl {
            config.set_access_token_seconds(seconds);
        }
        Ok(config)
    }

    /// Runs the emulator until the process ends, or prints its configuration. One line of JSON on
    /// standard output says that it is ready, and where.
    ///
    /// # Errors
    ///
    /// If the configuration cannot be used, the port is taken, or standard output cannot be written.
    pub async fn run(&self) -> Result<(), Error> {
        let config = self.config()?;
        if self.print_config {
            return print(&config.to_toml()?);
        }
        let tls = self.tls()?;
        let emulator = Emulator::start_with(config, self.port, tls.as_ref())?;
        print(&(ready(&emulator, tls.as_ref()) + "\n"))?;
        // Ends with the process, by a signal.
        std::future::pending().await
    }
}

/// The line that says that it is ready, with the authority's certificate as PEM where there is one.
fn ready(emulator: &Emulator, tls: Option<&Tls>) -> String {
    let line = emulator.ready_line();
    let (Some(tls), Ok(mut ready)) = (tls, serde_json::from_str::<serde_json::Value>(&line)) else {
        return line;
    };
    ready["ca"] = tls.ca().into();
    ready.to_string()
}

/// A reader that has gone away is a failure here, not a panic.
fn print(text: &str) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| Error::new(format!("standard output cannot be written: {error}")))
}
