#!/usr/bin/env bash
# Twenty calls at once find the access token dead. How many token requests follow, and how many calls fail, if
# the server takes each refresh token once (rotation)?
#
# Versions: pinned below; Node 20, Python 3.11.
# Seen:     the table at the end (20 threads in Python, 20 promises in Node and asyncio, one shared session
#           object).
# Surprise: authlib's async client has a lock, its requests session of the same release none.
#           axios-auth-refresh sends one request, but by default then fails the 19 calls that were already on
#           their way, although its refresh went well; with deduplicateRefresh *off*, which its README says
#           gives each failed call a refresh of its own, there is still one request, and all 20 calls succeed.
# Meaning:  a shared session is not a shared renewal: against a server that also revokes the family on reuse,
#           the threads end the login for everybody. A client has to join calls that are already in flight as
#           well, and a test of that needs refusals that come while the renewal runs.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm=(@badgateway/oauth2-client@3.3.1 google-auth-library@11.3.4 axios@1.21.1 axios-auth-refresh@5.0.2)
pypi=(authlib==1.9.9 httpx2==2.16.2 requests-oauthlib==2.0.0 oauthlib==4.0.1 requests==2.34.2 google-auth==2.63.0)
echo "Node $(node --version), $(python3 --version), ${npm[*]} ${pypi[*]}"
timeout 180 npm install --no-audit --no-fund --ignore-scripts --silent "${npm[@]}"
python3 -m venv venv
timeout 180 venv/bin/pip install -q "${pypi[@]}"

cat >server.py <<'PY'
"""Takes a refresh token once. Answers token requests when all 20 clients have asked, or no further came for 1.5 s."""
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

changed = threading.Condition()
asked = 0
good = "first"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        global asked, good
        form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
        with changed:
            asked += 1
            changed.notify_all()
            while asked < 20 and changed.wait(1.5):
                pass
            if form["refresh_token"] != [good]:
                return self.answer(400, {"error": "invalid_grant"})
            good = f"after {good}"
            life = {"token_type": "Bearer", "expires_in": 3600}
            return self.answer(200, {"access_token": "new", "refresh_token": good} | life)

    def do_GET(self):
        global asked, good
        if self.path == "/reset":
            self.answer(200, asked)
            asked, good = 0, "first"
        else:
            self.answer(200 if self.headers["authorization"] == "Bearer new" else 401, {})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


server = Server(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
PY

cat >run.mjs <<'JS'
import { OAuth2Client as Badgateway, OAuth2Fetch } from "@badgateway/oauth2-client";
import { OAuth2Client as Google } from "google-auth-library";
import axios from "axios";
import { createAuthRefresh } from "axios-auth-refresh";

const base = `http://127.0.0.1:${process.argv[2]}`;
const url = `${base}/token`;

function withAxios(options) {
  const instance = axios.create();
  let token = { access_token: "old", refresh_token: "first" };
  instance.interceptors.request.use((config) => {
    config.headers.Authorization = `Bearer ${token.access_token}`;
    return config;
  });
  createAuthRefresh(instance, async () => {
    const form = new URLSearchParams({ grant_type: "refresh_token", refresh_token: token.refresh_token });
    token = (await axios.post(url, form)).data;
  }, options);
  return () => instance.get(base);
}

const libraries = {
  "@badgateway/oauth2-client": () => {
    const client = new Badgateway({ clientId: "app", clientSecret: "pass", tokenEndpoint: url });
    const getStoredToken = () => ({ accessToken: "old", refreshToken: "first", expiresAt: 1 });
    const fetcher = new OAuth2Fetch({ client, scheduleRefresh: false, getNewToken: () => null, getStoredToken });
    return () => fetcher.fetch(base);
  },
  "google-auth-library (npm)": () => {
    const client = new Google({ clientId: "app", clientSecret: "pass", endpoints: { oauth2TokenUrl: url } });
    client.setCredentials({ access_token: "old", refresh_token: "first", expiry_date: 1 });
    return () => client.request({ url: base });
  },
  "axios-auth-refresh": () => withAxios({}),
  "  deduplicateRefresh: false": () => withAxios({ deduplicateRefresh: false }),
};
for (const [name, create] of Object.entries(libraries)) {
  const call = create();
  const ends = await Promise.allSettled(Array.from({ length: 20 }, call));
  const failed = ends.filter(({ status, value }) => status === "rejected" || value.status !== 200).length;
  const asked = (await axios.get(`${base}/reset`)).data;
  console.log(`${name.padEnd(28)}${String(asked).padEnd(16)}${failed}`);
}
JS

cat >run.py <<'PY'
import asyncio
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
import google.auth.exceptions
import google.auth.transport.requests
import google.oauth2.credentials
import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from oauthlib.oauth2 import InvalidGrantError
from requests_oauthlib import OAuth2Session

base = f"http://127.0.0.1:{sys.argv[1]}"
url = f"{base}/token"
REFUSED = (OAuthError, InvalidGrantError, google.auth.exceptions.RefreshError)


def old():
    return {"access_token": "old", "token_type": "Bearer", "refresh_token": "first", "expires_at": 1, "expires_in": -1}


def in_threads(call):
    start = Barrier(20)

    def one(_):
        start.wait()
        try:
            call()
        except REFUSED:
            return 1
        return 0

    with ThreadPoolExecutor(20) as pool:
        return sum(pool.map(one, range(20)))


def authlib_threads():
    session = AuthlibSession("app", "pass", token=old(), token_endpoint=url)
    return in_threads(lambda: session.get(base))


async def authlib_async():
    async with AsyncOAuth2Client("app", "pass", token=old(), token_endpoint=url) as client:
        ends = await asyncio.gather(*(client.get(base) for _ in range(20)), return_exceptions=True)
    return sum(isinstance(end, Exception) for end in ends)


def requests_oauthlib():
    client = {"client_id": "app", "client_secret": "pass"}
    session = OAuth2Session(
        "app", token=old(), auto_refresh_url=url, auto_refresh_kwargs=client, token_updater=lambda _: None
    )
    return in_threads(lambda: session.get(base))


def google_auth():
    credentials = google.oauth2.credentials.Credentials(
        None, refresh_token="first", token_uri=url, client_id="app", client_secret="pass"
    )
    return in_threads(
        lambda: credentials.before_request(google.auth.transport.requests.Request(), "GET", base, {})
    )


for name, failures in {
    "authlib, asyncio": lambda: asyncio.run(authlib_async()),
    "authlib, threads": authlib_threads,
    "requests-oauthlib, threads": requests_oauthlib,
    "google-auth, threads": google_auth,
}.items():
    failed = failures()
    print(f"{name:28}{requests.get(base + '/reset').json():<16}{failed}")
PY

timeout 150 python3 server.py >port &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
timeout 10 bash -c 'until [ -s port ]; do sleep 0.1; done'
printf '%-28s%-16s%s\n' "20 calls at once" "token requests" "failed calls"
{ timeout 60 node run.mjs "$(cat port)"; timeout 60 venv/bin/python run.py "$(cat port)"; } | tee seen

cat >expected <<'SEEN'
@badgateway/oauth2-client   1               0
google-auth-library (npm)   1               0
axios-auth-refresh          1               19
  deduplicateRefresh: false 1               0
authlib, asyncio            1               0
authlib, threads            20              19
requests-oauthlib, threads  20              19
google-auth, threads        20              19
SEEN
diff -u expected seen || { echo "changed: the libraries no longer behave as recorded" >&2; exit 1; }
echo "as recorded"
