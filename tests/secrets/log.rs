//! All log output, down to the trace level, by us and by the libraries below us.

use std::io;
use std::sync::{Arc, LazyLock, Mutex, Once, PoisonError};

use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

use tegata_test_support::loopback::{HOUR, Loopback};
use tegata_test_support::shown::found;
use tegata_test_support::{Flow, Subject};

/// A log in memory.
#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl io::Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        log.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Buffer {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Everything that this process has logged, and the messages of its panics.
static LOG: LazyLock<Buffer> = LazyLock::new(Buffer::default);

fn to(buffer: &Buffer) -> impl tracing::Subscriber + Send + Sync + use<> {
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(buffer.clone())
        .finish()
}

/// From now on everything is logged; call it at the beginning of a test.
pub(crate) fn begin() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // This also takes in what uses the `log` crate, as reqwest does.
        to(&LOG).init();
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let text = format!("panic: {panic}\n");
            drop(io::Write::write(&mut LOG.clone(), text.as_bytes()));
            report(panic);
        }));
    });
}

/// Nothing that was logged so far holds a canary, nor any of these further secrets.
#[track_caller]
pub(crate) fn assert_clean(further: &[&str]) {
    let text = LOG.text();
    for line in text.lines() {
        if let Some(disguise) = found(line, further) {
            panic!("the log shows a secret, as {disguise}: {line}");
        }
    }
}

#[test]
fn the_log_is_kept_to_the_last_detail_and_searched() {
    let buffer = Buffer::default();
    tracing::subscriber::with_default(to(&buffer), || {
        tracing::trace!(target: "other", secret = "CANARY", "said");
    });
    let text = buffer.text();
    assert!(text.contains("TRACE other"), "{text}");
    assert!(found(&text, &[]).is_some(), "{text}");
}

#[tokio::test]
async fn the_libraries_below_us_write_into_the_log_and_no_secret() {
    begin();
    for flow in Flow::ALL {
        let loopback = Loopback::start();
        let client = flow.cold(&loopback).await;
        assert_eq!(client.get(flow.path()).await.expect("accepted"), 200);
        loopback.advance(HOUR);
        if let Subject::Marketo(client) = &client {
            client.api().describe_lead().await.expect("accepted");
        }
        loopback.emulator.forget(None);
        let request = client.post(flow.path(), r#"{"CANARY":"CANARY"}"#);
        client.send(request).await.expect("accepted");
    }
    let text = LOG.text();
    for library in ["reqwest::", "hyper_util::client", "tegata"] {
        assert!(text.contains(library), "{library} logs nothing");
    }
    assert_clean(&[]);
}

#[test]
fn a_panic_over_a_result_of_ours_shows_no_secret() {
    begin();
    let client =
        tegata_fujitsu_aispf::Client::builder(tegata_fujitsu_aispf::ApiKey::new("CANARY")).build();
    let wrong = tegata_jooto::Client::builder("CANARY\n").build();
    let panics: [Box<dyn FnOnce()>; 3] = [
        Box::new(|| drop(client.expect_err("an error"))),
        Box::new(|| drop(wrong.expect("a client"))),
        Box::new(|| {
            let secret = tegata::Secret::from("CANARY");
            assert_eq!(secret, "other".into());
        }),
    ];
    for panic in panics {
        let panic = std::panic::AssertUnwindSafe(panic);
        let message = std::panic::catch_unwind(panic).expect_err("it panics");
        let message = message.downcast_ref::<String>().expect("a message");
        assert_eq!(found(message, &[]), None, "{message}");
    }
    assert!(LOG.text().contains("panic: "), "panics are logged");
    assert_clean(&[]);
}
