//! The emulator as a process of its own, for programs in any language and for manual use.

mod trust;

use std::io::{self, Write as _};
use std::path::PathBuf;

use crate::tls::Tls;
use crate::{ApiConfig, Config, Emulator, Error};

pub use trust::Trust;

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
    /// Serve an API of your own of this profile as well, as `tegata-gen … --emulator FILE` writes it; may be repeated
    #[arg(long = "api", value_name = "FILE")]
    pub apis: Vec<PathBuf>,
    /// Print the configuration as TOML and stop
    #[arg(long, conflicts_with = "tls")]
    pub print_config: bool,
    /// Speak TLS; standard error says how to trust its certificate authority, which is `ca` in the JSON line
    ///
    /// The authority is made for this process, unless --tls-folder keeps one.
    #[arg(long)]
    pub tls: bool,
    /// Write that authority's certificate to this file, as PEM; otherwise it is in a temporary folder
    #[arg(long, value_name = "FILE", requires = "tls")]
    pub ca: Option<PathBuf>,
    /// Keep the authority in this folder, so that it has to be trusted only once; made if there is none
    #[arg(long, value_name = "FOLDER", requires = "tls")]
    pub tls_folder: Option<PathBuf>,
    /// A further host name or address of this process, for the certificate and for the page and the
    /// controls, which otherwise answer to loopback's names alone; may be repeated, and begin with `*.`
    #[arg(long = "name", value_name = "HOST")]
    pub names: Vec<String>,
}

impl Options {
    /// The certificate and what to trust, if TLS is wanted; the authority is written to its file.
    ///
    /// # Errors
    ///
    /// If there is no certificate, or the file cannot be written.
    pub fn tls(&self) -> Result<Option<Trust>, Error> {
        self.tls_for(&self.names)
    }

    fn tls_for(&self, names: &[String]) -> Result<Option<Trust>, Error> {
        if !self.tls {
            return Ok(None);
        }
        let folder = self.tls_folder.as_deref();
        let tls = match folder {
            Some(folder) => Tls::kept_in(folder, names),
            None => Tls::generate_for(names),
        };
        let tls = tls.map_err(|error| Error::new(error.to_string()))?;
        Trust::write(tls, self.ca.as_deref(), folder).map(Some)
    }

    fn config(&self) -> Result<Config, Error> {
        let mut config = match &self.config {
            Some(path) => Config::read(path)?,
            None => Config::default(),
        };
        for path in &self.apis {
            config.apis.push(ApiConfig::read(path)?);
        }
        if let Some(seconds) = self.ttl {
            config.set_access_token_seconds(seconds);
        }
        config.emulator.names.extend(self.names.iter().cloned());
        Ok(config)
    }

    /// Runs the emulator until the process ends, or prints its configuration. One line of JSON on
    /// standard output says that it is ready, and where; what a person does with it is on standard error.
    ///
    /// # Errors
    ///
    /// If the configuration cannot be used, the port is taken, or standard output cannot be written.
    pub async fn run(&self) -> Result<(), Error> {
        let config = self.config()?;
        if self.print_config {
            return print(&config.to_toml_with_example()?);
        }
        let trust = self.tls_for(&config.emulator.names)?;
        let tls = trust.as_ref().map(Trust::tls);
        let emulator = Emulator::start_with(config, self.port, tls)?;
        if let Some(trust) = &trust {
            trust.advise();
        }
        advise(&format!(
            "What it serves, the requests and the controls: {}/ in a browser",
            emulator.base_url()
        ));
        print(&(ready(&emulator, trust.as_ref()) + "\n"))?;
        // Ends with the process, by a signal.
        std::future::pending().await
    }
}

/// The line that says that it is ready, with what to trust where there is TLS.
fn ready(emulator: &Emulator, trust: Option<&Trust>) -> String {
    let line = emulator.ready_line();
    match (trust, serde_json::from_str(&line)) {
        (Some(trust), Ok(mut ready)) => {
            trust.add_to(&mut ready);
            ready.to_string()
        }
        _ => line,
    }
}

/// A line for the person who started it; one that cannot be written is not missed.
fn advise(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// A reader that has gone away is a failure here, not a panic.
fn print(text: &str) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| Error::new(format!("standard output cannot be written: {error}")))
}
