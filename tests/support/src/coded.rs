//! Answers that are compressed, though nothing asked for it.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use tegata_emulator::{Endpoint, Fault};

/// The next answer, compressed so and said to be so.
pub fn coded(endpoint: Endpoint, coding: &str, text: &str) -> Fault {
    let lower = coding.to_ascii_lowercase();
    let body = if lower.contains("gzip") {
        gzip(text)
    } else if lower.contains("deflate") {
        zlib(text)
    } else {
        text.as_bytes().to_vec()
    };
    mislabelled(endpoint, coding, body)
}

/// The next answer, said to be compressed so.
pub fn mislabelled(endpoint: Endpoint, coding: &str, body: impl Into<Vec<u8>>) -> Fault {
    Fault::on(endpoint)
        .body("application/json;charset=UTF-8", body)
        .header("content-encoding", coding)
}

pub fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).expect("in memory");
    encoder.finish().expect("in memory")
}

fn zlib(text: &str) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).expect("in memory");
    encoder.finish().expect("in memory")
}
