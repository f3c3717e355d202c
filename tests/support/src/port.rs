//! Ports for programs that cannot be asked for any.

use std::net::{Ipv4Addr, TcpListener};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// How many ports there are to choose from, below those that systems give to whatever asks for any.
const FIRST: u32 = 12_000;
const COUNT: u32 = 20_000;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A port that is free now, and that no listener of another test is given meanwhile. One that was given by the system
/// and closed again was the next listener's, which answered in place of the program that was still starting.
///
/// # Panics
/// If none is free.
pub fn free() -> u16 {
    let start = process::id().wrapping_mul(131);
    let free = (0..COUNT).find_map(|_| {
        let next = start.wrapping_add(NEXT.fetch_add(1, Ordering::SeqCst)) % COUNT;
        let port = u16::try_from(FIRST + next).ok()?;
        TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()?;
        Some(port)
    });
    free.expect("a free port")
}
