#!/usr/bin/env bash
# An export of four lines comes compressed in ways that RFC 9110 and RFC 1952 allow. How much of it do HTTP
# clients hand to their callers?
#
# Versions: pinned below; Node 20, Python 3.11. All clients with their defaults; undici is its own fetch().
# Seen:     the table at the end. "2 of 4" = so many lines and no error, "coded" = the compressed bytes as
#           if they were the content, and no error.
# Surprise: a gzip body may have several members (two files put together with cat, bgzip). httpx, and httpx2
#           after it, end at the first member and report success: half an export, or none of it if the first
#           member is empty. The coding "x-gzip", which RFC 9110 8.4.1.3 says to treat as gzip, is handed on
#           undecoded by six of nine, and "gzip" applied twice by four.
# Meaning:  JSON that is cut short fails to parse, but lines, CSV and event streams do not: count them, or
#           compare with what the server says. A decoder has to go on after a member's end as long as bytes
#           are left, and content whose coding was not undone should be an error, never content.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
cd "$work"

npm=(axios@1.21.1 got@14.6.6 node-fetch@3.3.2 undici@7.30.2)
pypi=(requests==2.34.2 urllib3==2.8.0 niquests==3.21.2 httpx==0.28.1 httpx2==2.16.2 aiohttp==3.14.5)
echo "Node $(node --version), $(python3 --version), ${npm[*]} ${pypi[*]}"
timeout 180 npm install --no-audit --no-fund --ignore-scripts --silent "${npm[@]}"
python3 -m venv venv
timeout 180 venv/bin/pip install -q "${pypi[@]}"

cat >server.py <<'PY'
"""Each path gives the same four lines in another coding."""
import gzip
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LINES = b"".join(b'{"id": %d}\n' % number for number in range(1, 5))
HALF = len(LINES) // 2
BODIES = {
    "/plain": ("gzip", gzip.compress(LINES)),
    "/two": ("gzip", gzip.compress(LINES[:HALF]) + gzip.compress(LINES[HALF:])),
    "/empty": ("gzip", gzip.compress(b"") + gzip.compress(LINES)),
    "/x-gzip": ("x-gzip", gzip.compress(LINES)),
    "/twice": ("gzip, gzip", gzip.compress(gzip.compress(LINES))),
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        coding, body = BODIES[self.path]
        self.send_response(200)
        self.send_header("content-type", "application/x-ndjson")
        self.send_header("content-encoding", coding)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
PY

cat >run.py <<'PY'
import asyncio
import sys

import aiohttp
import httpx
import httpx2
import niquests
import requests

base = sys.argv[1]


async def with_aiohttp(url):
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return await response.read()


CLIENTS = {
    "requests": lambda url: requests.get(url, timeout=10).content,
    "niquests": lambda url: niquests.get(url, timeout=10).content,
    "httpx": lambda url: httpx.get(url).content,
    "httpx2": lambda url: httpx2.get(url).content,
    "aiohttp": lambda url: asyncio.run(with_aiohttp(url)),
}
for name, get in CLIENTS.items():
    row = f"{name:12}"
    for path in ("plain", "two", "empty", "x-gzip", "twice"):
        content = get(f"{base}/{path}")
        seen = "coded" if content.startswith(b"\x1f\x8b") else f"{content.count(b'}')} of 4"
        row += f"{seen:14}"
    print(row.rstrip())
PY

cat >run.mjs <<'JS'
import axios from "axios";
import got from "got";
import nodeFetch from "node-fetch";
import { fetch as undici } from "undici";

const [base] = process.argv.slice(2);
const clients = {
  axios: async (url) => (await axios.get(url, { responseType: "arraybuffer" })).data,
  got: (url) => got(url).buffer(),
  "node-fetch": async (url) => (await nodeFetch(url)).arrayBuffer(),
  undici: async (url) => (await undici(url)).arrayBuffer(),
};
for (const [name, get] of Object.entries(clients)) {
  let row = name.padEnd(12);
  for (const path of ["plain", "two", "empty", "x-gzip", "twice"]) {
    const content = Buffer.from(await get(`${base}/${path}`));
    const coded = content[0] === 0x1f && content[1] === 0x8b;
    row += (coded ? "coded" : `${content.toString().split("}").length - 1} of 4`).padEnd(14);
  }
  console.log(row.trimEnd());
}
process.exit();
JS

timeout 120 python3 server.py >url 2>server.log &
server=$!
timeout 10 bash -c 'until [ -s url ]; do sleep 0.1; done'
printf '%-12s%-14s%-14s%-14s%-14s%s\n' client "one member" "two members" "empty + full" x-gzip "gzip, gzip"
{ timeout 60 venv/bin/python run.py "$(cat url)"; timeout 60 node run.mjs "$(cat url)"; } | tee seen

cat >expected <<'SEEN'
requests    4 of 4        4 of 4        4 of 4        coded         4 of 4
niquests    4 of 4        4 of 4        4 of 4        coded         4 of 4
httpx       4 of 4        2 of 4        0 of 4        coded         4 of 4
httpx2      4 of 4        2 of 4        0 of 4        coded         4 of 4
aiohttp     4 of 4        4 of 4        4 of 4        coded         coded
axios       4 of 4        4 of 4        4 of 4        4 of 4        coded
got         4 of 4        4 of 4        4 of 4        coded         coded
node-fetch  4 of 4        4 of 4        4 of 4        4 of 4        coded
undici      4 of 4        4 of 4        4 of 4        4 of 4        4 of 4
SEEN
diff -u expected seen || { echo "changed: the clients no longer behave as recorded" >&2; exit 1; }
echo "as recorded"
