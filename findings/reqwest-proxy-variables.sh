#!/usr/bin/env bash
# http://127.0.0.1 and http://localhost are asked for while proxy variables are set. Does the request go to
# the proxy?
#
# Versions: pinned below; crate reqwest 0.13.5 without features; Python 3.11.
# Seen:     the table at the end: which of two servers, the one asked for or the proxy, had the whole request.
# Surprise: none of the three makes an exception for loopback. In reqwest no_proxy=* holds for names only: a
#           URL with an address still goes to the proxy. Its proxy variable with a typo, or a blank before it,
#           is dropped without a word, and the request goes out directly, where requests and httpx raise an
#           error.
# Meaning:  plain http to a server on this machine hands its credentials to the proxy. A client that allows
#           http for loopback has to switch proxies off for it, and cannot leave that to no_proxy. "It goes
#           through the proxy" needs a test: a mistyped variable looks like none.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
cd "$work"
unset http_proxy HTTP_PROXY https_proxy HTTPS_PROXY all_proxy ALL_PROXY no_proxy NO_PROXY REQUEST_METHOD

mkdir -p probe/src
cat >probe/Cargo.toml <<'TOML'
[package]
name = "probe"
version = "0.0.0"
edition = "2021"

[dependencies]
reqwest = { version = "=0.13.5", default-features = false }
tokio = { version = "1", default-features = false, features = ["rt", "net", "time", "macros"] }

[workspace]
TOML
cat >probe/src/main.rs <<'RUST'
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let url = std::env::args().nth(1).expect("a URL");
    let client = reqwest::Client::builder().timeout(std::time::Duration::from_secs(5)).build();
    match client.expect("a client").get(url).send().await {
        Ok(response) => println!("{}", response.text().await.expect("a body")),
        Err(_) => println!("error"),
    }
}
RUST
cat >server.py <<'PY'
"""Two servers: what is asked for, and what stands in for the proxy. Each answers with its own name."""
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def start(name):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("content-length", str(len(name)))
            self.end_headers()
            self.wfile.write(name.encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever).start()
    return server.server_port


print(start("direct"), start("proxy"), flush=True)
PY
cat >client.py <<'PY'
import sys

library, url = sys.argv[1:]
try:
    if library == "requests":
        import requests

        print(requests.get(url, timeout=5).text)
    else:
        import httpx

        print(httpx.get(url, timeout=5).text)
except Exception:
    print("error")
PY

pypi=(requests==2.34.2 httpx==0.28.1)
echo "$(cargo --version), crate reqwest 0.13.5, $(python3 --version), ${pypi[*]}"
python3 -m venv venv
timeout 180 venv/bin/pip install -q "${pypi[@]}"
CARGO_TARGET_DIR="$work/target" timeout 280 cargo build --quiet --manifest-path probe/Cargo.toml
timeout 90 python3 server.py >ports &
server=$!
timeout 10 bash -c 'until [ -s ports ]; do sleep 0.1; done'
read -r direct proxy <ports

row() { # what the row shows, host, http_proxy, no_proxy
  local url="http://$2:$direct/" settings=("http_proxy=$3" "no_proxy=$4")
  printf '%-44s%-9s%-10s%s\n' "$1" "$(env "${settings[@]}" timeout 20 target/debug/probe "$url")" \
    "$(env "${settings[@]}" timeout 20 venv/bin/python client.py requests "$url")" \
    "$(env "${settings[@]}" timeout 20 venv/bin/python client.py httpx "$url")"
}
printf '%-44s%-9s%-10s%s\n' "URL's host, variables" reqwest requests httpx
{
  row "127.0.0.1, http_proxy" 127.0.0.1 "http://127.0.0.1:$proxy" ""
  row "localhost, http_proxy" localhost "http://127.0.0.1:$proxy" ""
  row "localhost, no_proxy=*" localhost "http://127.0.0.1:$proxy" "*"
  row "127.0.0.1, no_proxy=*" 127.0.0.1 "http://127.0.0.1:$proxy" "*"
  row "127.0.0.1, no_proxy=127.0.0.1" 127.0.0.1 "http://127.0.0.1:$proxy" "127.0.0.1"
  row "127.0.0.1, no_proxy=127.0.0.1:PORT" 127.0.0.1 "http://127.0.0.1:$proxy" "127.0.0.1:$direct"
  row "127.0.0.1, a blank before http_proxy's URL" 127.0.0.1 " http://127.0.0.1:$proxy" ""
  row "127.0.0.1, http_proxy=htp://..." 127.0.0.1 "htp://127.0.0.1:$proxy" ""
  row "127.0.0.1, http_proxy=http//..." 127.0.0.1 "http//127.0.0.1:$proxy" ""
} | tee seen

cat >expected <<'SEEN'
127.0.0.1, http_proxy                       proxy    proxy     proxy
localhost, http_proxy                       proxy    proxy     proxy
localhost, no_proxy=*                       direct   direct    direct
127.0.0.1, no_proxy=*                       proxy    direct    direct
127.0.0.1, no_proxy=127.0.0.1               direct   direct    direct
127.0.0.1, no_proxy=127.0.0.1:PORT          proxy    proxy     direct
127.0.0.1, a blank before http_proxy's URL  direct   error     error
127.0.0.1, http_proxy=htp://...             direct   error     error
127.0.0.1, http_proxy=http//...             direct   error     error
SEEN
diff -u expected seen || { echo "changed: the clients no longer behave as recorded" >&2; exit 1; }
echo "as recorded"
