#!/usr/bin/env bash
# A file is uploaded with a token that has just died: 401, the token is renewed, and the request sent once
# more, by the hook that each HTTP client has for this. What does the server get the second time?
#
# Versions: pinned below; Node 20, Python 3.11. The hook is the one that each offers for this: an
#           interceptor (axios), afterResponse (got, ky), retry with onRequest (ofetch), a response hook
#           (requests, niquests), auth_flow (httpx), a middleware (aiohttp). The server reads 300000 bytes
#           before it says 401.
# Seen:     the table at the end: the bytes that came with the new token, or "error", if the caller got one
#           and no second request was complete.
# Surprise: six uploads end with status 200 and an empty file: axios for each kind of stream that it takes,
#           got for a web stream though it refuses to repeat a Node stream, requests, niquests and aiohttp
#           for a generator. Only ky gets everything through (it tees the stream and so holds it in memory).
#           For a file that is at its end requests and httpx declare the old length and fail; aiohttp goes
#           back to its start.
# Meaning:  "401, renew, once more" is safe only for bodies that can be read again. For all others the new
#           token has to be kept for the next call and the caller given an error that says why.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
cd "$work"

npm=(axios@1.21.1 got@14.6.6 ky@1.14.3 ofetch@1.5.1)
pypi=(requests==2.34.2 urllib3==2.8.0 niquests==3.21.2 httpx==0.28.1 aiohttp==3.14.5)
echo "Node $(node --version), $(python3 --version), ${npm[*]} ${pypi[*]}"
timeout 180 npm install --no-audit --no-fund --ignore-scripts --silent "${npm[@]}"
python3 -m venv venv
timeout 180 venv/bin/pip install -q "${pypi[@]}"

cat >server.mjs <<'JS'
// POST /NUMBER uploads; GET /NUMBER says how many bytes came under that number with the new token.
import http from "node:http";

const uploads = new Map();
const server = http.createServer(async (request, response) => {
  if (request.method === "GET") return response.end(String(uploads.get(request.url) ?? "error"));
  const live = request.headers.authorization === "Bearer new";
  let size = 0;
  try {
    for await (const part of request) size += part.length;
  } catch {
    return; // the client went away in the middle
  }
  if (live) uploads.set(request.url, size);
  response.writeHead(live ? 200 : 401, { "content-type": "application/json" }).end("{}");
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
JS

cat >run.mjs <<'JS'
import { createReadStream, readFileSync } from "node:fs";
import { Readable } from "node:stream";
import axios from "axios";
import got from "got";
import ky from "ky";
import { ofetch } from "ofetch";

const [base] = process.argv.slice(2);
let token;
const renew = () => (token = "new");
const bearer = () => `Bearer ${token}`;

const withAxios = axios.create({ headers: { "content-type": "application/octet-stream" } });
withAxios.interceptors.request.use((config) => {
  config.headers.set("authorization", bearer());
  return config;
});
withAxios.interceptors.response.use(undefined, (error) => {
  if (error.response?.status !== 401 || error.config.again) throw error;
  renew();
  return withAxios.request({ ...error.config, again: true });
});
const withGot = got.extend({
  retry: { limit: 0 },
  hooks: {
    beforeRequest: [(options) => void (options.headers.authorization = bearer())],
    afterResponse: [(response, again) => {
      if (response.statusCode !== 401) return response;
      renew();
      return again({ headers: { authorization: bearer() } });
    }],
  },
});
const withKy = ky.create({
  retry: 0,
  hooks: {
    beforeRequest: [(request) => request.headers.set("authorization", bearer())],
    afterResponse: [(request, _, response) => {
      if (response.status !== 401) return response;
      renew();
      request.headers.set("authorization", bearer());
      return ky(request, { retry: 0 });
    }],
  },
});
const withOfetch = ofetch.create({
  retry: 1,
  retryStatusCodes: [401],
  onRequest: ({ options }) => void options.headers.set("authorization", bearer()),
  onResponseError: renew,
});
const clients = {
  axios: (url, body) => withAxios.post(url, body),
  got: (url, body) => withGot.post(url, { body }),
  ky: (url, body) => withKy.post(url, { body, duplex: "half" }),
  ofetch: (url, body) => withOfetch(url, { method: "POST", body, duplex: "half" }),
};
async function* parts() {
  for (let part = 0; part < 3; part += 1) yield Buffer.alloc(100_000, "a");
}
const bodies = {
  bytes: () => readFileSync("body"),
  "file stream": () => createReadStream("body"),
  generator: () => Readable.from(parts()),
  "web stream": () => Readable.toWeb(createReadStream("body")),
};
let number = 0;
for (const [name, send] of Object.entries(clients)) {
  let row = name.padEnd(12);
  for (const body of Object.values(bodies)) {
    token = "old";
    const url = `${base}/node${(number += 1)}`;
    const failed = await send(url, body()).then(() => false, () => true);
    row += (failed ? "error" : await (await fetch(url)).text()).padEnd(14);
  }
  console.log(row.trimEnd());
}
process.exit();
JS

cat >run.py <<'PY'
import asyncio
import sys

import aiohttp
import httpx
import niquests
import requests

base = sys.argv[1]


def parts():
    for _ in range(3):
        yield b"a" * 100_000


async def async_parts():
    for part in parts():
        yield part


def with_requests(library):
    class Renewing(library.auth.AuthBase):
        def __call__(self, request):
            request.headers["authorization"] = "Bearer old"
            request.register_hook("response", self.once_more)
            return request

        def once_more(self, response, **settings):
            if response.status_code != 401:
                return response
            response.close()
            again = response.request.copy()
            again.headers["authorization"] = "Bearer new"
            return response.connection.send(again, **settings)

    return lambda url, body: library.post(url, data=body, auth=Renewing(), timeout=10)


class HttpxRenewing(httpx.Auth):
    def auth_flow(self, request):
        request.headers["authorization"] = "Bearer old"
        response = yield request
        if response.status_code == 401:
            request.headers["authorization"] = "Bearer new"
            yield request


async def aiohttp_renewing(request, handler):
    request.headers["authorization"] = "Bearer old"
    response = await handler(request)
    if response.status == 401:
        request.headers["authorization"] = "Bearer new"
        response = await handler(request)
    return response


async def with_aiohttp(url, body):
    if not isinstance(body, bytes) and not hasattr(body, "read"):
        body = async_parts()
    async with aiohttp.ClientSession(middlewares=(aiohttp_renewing,)) as session:
        async with session.post(url, data=body) as response:
            response.raise_for_status()


CLIENTS = {
    "requests": with_requests(requests),
    "niquests": with_requests(niquests),
    "httpx": lambda url, body: httpx.post(url, content=body, auth=HttpxRenewing()),
    "aiohttp": lambda url, body: asyncio.run(with_aiohttp(url, body)),
}
number = 0
for name, send in CLIENTS.items():
    row = f"{name:12}"
    for body in (lambda: open("body", "rb").read(), lambda: open("body", "rb"), parts):
        number += 1
        url = f"{base}/python{number}"
        try:
            send(url, body())
            seen = requests.get(url, timeout=10).text
        except Exception:
            seen = "error"
        row += f"{seen:14}"
    print(row.rstrip())
PY

head -c 300000 /dev/zero | tr '\0' a >body
timeout 120 node server.mjs >url &
server=$!
timeout 10 bash -c 'until [ -s url ]; do sleep 0.1; done'
printf '%-12s%-14s%-14s%-14s%s\n' client bytes file generator "web stream"
{ timeout 60 node run.mjs "$(cat url)"; timeout 60 venv/bin/python -W ignore run.py "$(cat url)"; } | tee seen

cat >expected <<'SEEN'
axios       300000        0             0             error
got         300000        error         error         0
ky          300000        300000        300000        300000
ofetch      300000        error         error         error
requests    300000        error         0
niquests    300000        error         0
httpx       300000        error         error
aiohttp     300000        300000        0
SEEN
diff -u expected seen || { echo "changed: the clients no longer behave as recorded" >&2; exit 1; }
echo "as recorded"
