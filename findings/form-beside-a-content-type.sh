#!/usr/bin/env bash
# A client that talks JSON sends its header with every request, and then uploads a form of several parts. Which
# Content-Type goes out, and can a server read the form?
#
# Versions: pinned below; crate reqwest 0.13.5 with json and multipart; Python 3.11; Node 20.
# Seen:     the table at the end: the lines of Content-Type that came, and what came with them: a form whose boundary is
#           in the first of these lines, by which a server reads it; a form without; or JSON.
# Surprise: six clients, four results, no error. reqwest keeps the form readable if JSON is a default of the client, and
#           sends two lines, JSON first, if it was set on the request. axios makes JSON of the form's fields. requests,
#           httpx, aiohttp and fetch send the form under the name of JSON.
# Meaning:  a builder of requests that takes a form has to put its header in the place of the one that is there, and a
#           client for an API that takes JSON and uploads must not have JSON as a default.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
cd "$work"
unset http_proxy HTTP_PROXY https_proxy HTTPS_PROXY all_proxy ALL_PROXY no_proxy NO_PROXY

mkdir -p probe/src
cat >probe/Cargo.toml <<'TOML'
[package]
name = "probe"
version = "0.0.0"
edition = "2021"

[dependencies]
reqwest = { version = "=0.13.5", default-features = false, features = ["multipart"] }
tokio = { version = "1", default-features = false, features = ["rt", "net", "time", "macros"] }

[workspace]
TOML
cat >probe/src/main.rs <<'RUST'
use reqwest::header::{HeaderMap, HeaderValue, CONTENT_TYPE};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let [_, place, url] = &std::env::args().collect::<Vec<_>>()[..] else { panic!() };
    let json = HeaderValue::from_static("application/json");
    let mut client = reqwest::Client::builder();
    if place == "client" {
        client = client.default_headers(HeaderMap::from_iter([(CONTENT_TYPE, json.clone())]));
    }
    let mut request = client.build().expect("a client").post(url);
    if place == "request" {
        request = request.header(CONTENT_TYPE, json);
    }
    let form = reqwest::multipart::Form::new().text("name", "value");
    let answer = request.multipart(form).send().await.expect("an answer");
    println!("{}", answer.text().await.expect("a body"));
}
RUST
cat >server.py <<'PY'
"""Says which lines of Content-Type came, without boundaries, and whether the first one fits the body."""
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        if self.headers.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers["content-length"]))
        lines = self.headers.get_all("content-type")
        boundary = lines[0].partition("boundary=")[2].strip('"').encode()
        fits = bool(boundary) and body.startswith(b"--" + boundary)
        kind = "form" if fits else "JSON" if body.startswith(b"{") else "form without a boundary"
        said = " + ".join(line.split(";")[0] for line in lines) + ": " + kind
        self.send_response(200)
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said.encode())

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
PY
cat >client.py <<'PY'
import asyncio
import sys

library, place, url = sys.argv[1:]
json = {"Content-Type": "application/json"}
client = json if place == "client" else {}
request = json if place == "request" else {}
files = {"name": (None, "value")}
if library == "requests":
    import requests

    session = requests.Session()
    session.headers.update(client)
    print(session.post(url, files=files, headers=request, timeout=5).text)
elif library == "httpx":
    import httpx

    with httpx.Client(headers=client) as session:
        print(session.post(url, files=files, headers=request).text)
else:
    import aiohttp

    async def main():
        async with aiohttp.ClientSession(headers=client) as session:
            with aiohttp.MultipartWriter("form-data") as form:
                form.append("value").set_content_disposition("form-data", name="name")
            async with session.post(url, data=form, headers=request) as answer:
                print(await answer.text())

    asyncio.run(main())
PY
cat >client.mjs <<'JS'
import axios from "axios";

const [library, place, url] = process.argv.slice(2);
const json = { "Content-Type": "application/json" };
const form = new FormData();
form.append("name", "value");
if (library === "axios") {
  const client = axios.create({ headers: place === "client" ? json : {} });
  const answer = await client.post(url, form, { headers: place === "request" ? json : {} });
  console.log(answer.data);
} else {
  // fetch has no client that could have defaults.
  const headers = place === "none" ? {} : json;
  console.log(await (await fetch(url, { method: "POST", body: form, headers })).text());
}
JS

pypi=(requests==2.34.2 httpx==0.28.1 aiohttp==3.14.5)
npm=(axios@1.21.1)
echo "$(cargo --version), crate reqwest 0.13.5, $(python3 --version), ${pypi[*]}, node $(node --version), ${npm[*]}"
python3 -m venv venv
timeout 180 venv/bin/pip install -q "${pypi[@]}"
timeout 120 npm install --silent --no-fund --no-audit "${npm[@]}"
CARGO_TARGET_DIR="$work/target" timeout 280 cargo build --quiet --manifest-path probe/Cargo.toml
timeout 90 python3 server.py >port &
server=$!
timeout 10 bash -c 'until [ -s port ]; do sleep 0.1; done'
url="http://127.0.0.1:$(cat port)/"

{
  for place in none client request; do
    printf '%-8s  %-8s  %s\n' "$place" reqwest "$(timeout 20 target/debug/probe "$place" "$url")"
    for library in requests httpx aiohttp; do
      printf '%-8s  %-8s  %s\n' "$place" "$library" "$(timeout 20 venv/bin/python client.py "$library" "$place" "$url")"
    done
    for library in axios fetch; do
      [ "$place $library" != "client fetch" ] || continue
      printf '%-8s  %-8s  %s\n' "$place" "$library" "$(timeout 20 node client.mjs "$library" "$place" "$url")"
    done
  done
} | tee seen

cat >expected <<'SEEN'
none      reqwest   multipart/form-data: form
none      requests  multipart/form-data: form
none      httpx     multipart/form-data: form
none      aiohttp   multipart/form-data: form
none      axios     multipart/form-data: form
none      fetch     multipart/form-data: form
client    reqwest   multipart/form-data: form
client    requests  application/json: form without a boundary
client    httpx     application/json: form without a boundary
client    aiohttp   application/json: form without a boundary
client    axios     application/json: JSON
request   reqwest   application/json + multipart/form-data: form without a boundary
request   requests  application/json: form without a boundary
request   httpx     application/json: form without a boundary
request   aiohttp   application/json: form without a boundary
request   axios     application/json: JSON
request   fetch     application/json: form without a boundary
SEEN
diff -u expected seen || { echo "changed: the clients no longer behave as recorded" >&2; exit 1; }
echo "as recorded"
