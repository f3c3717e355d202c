#!/usr/bin/env bash
# Which refresh token do OAuth libraries hold after a refresh whose answer has a new one, none, "" or null?
#
# Versions: pinned below; Node 20, Python 3.11.
# Seen:     the table at the end. "*" marks libraries without a store: what they return is the answer's own
#           value.
# Surprise: simple-oauth2 loses the token where the answer rightly has none (RFC 6749, section 6: the old one
#           stays), although its code has a branch for that: the branch reads a field that is never set. The
#           npm library of Google goes on with the first token whatever comes, so it cannot follow a server
#           that rotates; the one on PyPI takes even the empty one. openid-client and oauth4webapi refuse such
#           an answer as a whole: its access token, perhaps paid for with the only refresh token, is lost as
#           well.
# Meaning:  a server that sends "refresh_token": "" ends most clients' sessions at the *next* refresh, long
#           after the cause. "" and null have to be taken for absent, and a stored token replaced only by one
#           that is there.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm=(simple-oauth2@5.1.0 openid-client@6.9.0 oauth4webapi@3.8.8 @badgateway/oauth2-client@3.3.1
  google-auth-library@11.3.4 @modelcontextprotocol/sdk@1.32.2)
pypi=(authlib==1.9.9 requests-oauthlib==2.0.0 oauthlib==4.0.1 httpx-oauth==0.17.0 httpx==0.28.1 requests==2.34.2
  google-auth==2.63.0)
echo "Node $(node --version), $(python3 --version), ${npm[*]} ${pypi[*]}"
timeout 180 npm install --no-audit --no-fund --ignore-scripts --silent "${npm[@]}"
python3 -m venv venv
timeout 180 venv/bin/pip install -q "${pypi[@]}"

cat >run.mjs <<'JS'
import http from "node:http";
import simple from "simple-oauth2";
import * as openid from "openid-client";
import * as oauth4 from "oauth4webapi";
import { OAuth2Client as Badgateway } from "@badgateway/oauth2-client";
import { OAuth2Client as Google } from "google-auth-library";
import { refreshAuthorization } from "@modelcontextprotocol/sdk/client/auth.js";

const answers = {
  replaced: { refresh_token: "second" },
  absent: {},
  empty: { refresh_token: "" },
  null: { refresh_token: null },
};
const server = http.createServer((request, response) => {
  request.resume().on("end", () => {
    response.setHeader("content-type", "application/json");
    const answer = answers[request.url.split("/")[1]];
    response.end(JSON.stringify({ access_token: "new", token_type: "Bearer", expires_in: 3600, ...answer }));
  });
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const base = `http://127.0.0.1:${server.address().port}`;

const clients = {
  "simple-oauth2": async (kind) => {
    const client = new simple.AuthorizationCode({
      client: { id: "app", secret: "pass" },
      auth: { tokenHost: base, tokenPath: `/${kind}/token` },
    });
    return (await client.createToken({ access_token: "old", refresh_token: "first" }).refresh()).token.refresh_token;
  },
  "openid-client *": async (kind) => {
    const config = new openid.Configuration({ issuer: base, token_endpoint: `${base}/${kind}/token` }, "app", "pass");
    openid.allowInsecureRequests(config);
    return (await openid.refreshTokenGrant(config, "first")).refresh_token;
  },
  "oauth4webapi *": async (kind) => {
    const as = { issuer: base, token_endpoint: `${base}/${kind}/token` };
    const client = { client_id: "app" };
    const response = await oauth4.refreshTokenGrantRequest(as, client, oauth4.ClientSecretPost("pass"), "first", {
      [oauth4.allowInsecureRequests]: true,
    });
    return (await oauth4.processRefreshTokenResponse(as, client, response)).refresh_token;
  },
  "@badgateway/oauth2-client": async (kind) => {
    const client = new Badgateway({ clientId: "app", clientSecret: "pass", tokenEndpoint: `${base}/${kind}/token` });
    return (await client.refreshToken({ accessToken: "old", refreshToken: "first", expiresAt: 0 })).refreshToken;
  },
  "google-auth-library (npm)": async (kind) => {
    const endpoints = { oauth2TokenUrl: `${base}/${kind}/token` };
    const client = new Google({ clientId: "app", clientSecret: "pass", endpoints });
    client.setCredentials({ refresh_token: "first" });
    await client.getAccessToken();
    return client.credentials.refresh_token;
  },
  "@modelcontextprotocol/sdk": async (kind) => {
    const metadata = { issuer: base, token_endpoint: `${base}/${kind}/token`, response_types_supported: ["code"] };
    const clientInformation = { client_id: "app", client_secret: "pass" };
    return (await refreshAuthorization(base, { metadata, clientInformation, refreshToken: "first" })).refresh_token;
  },
};
for (const [name, refresh] of Object.entries(clients)) {
  const row = [];
  for (const kind of Object.keys(answers)) {
    let kept;
    try {
      kept = await refresh(kind);
      kept = kept === "" ? '""' : (kept ?? (name.endsWith("*") ? "none" : "lost"));
    } catch {
      kept = "error";
    }
    row.push(kept.padEnd(10));
  }
  console.log(`${name.padEnd(28)}${row.join("")}`.trimEnd());
}
server.close();
JS

cat >run.py <<'PY'
import asyncio
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
import google.auth.transport.requests
import google.oauth2.credentials
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from httpx_oauth.oauth2 import OAuth2
from requests_oauthlib import OAuth2Session

ANSWERS = {
    "replaced": {"refresh_token": "second"},
    "absent": {},
    "empty": {"refresh_token": ""},
    "null": {"refresh_token": None},
}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        answer = {"access_token": "new", "token_type": "Bearer", "expires_in": 3600}
        body = json.dumps(answer | ANSWERS[self.path.split("/")[1]]).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
base = f"http://127.0.0.1:{server.server_port}"
OLD = {"access_token": "old", "token_type": "Bearer", "refresh_token": "first", "expires_at": 1}


def authlib_requests(url):
    session = AuthlibSession("app", "pass", token=dict(OLD), token_endpoint=url)
    session.refresh_token(url)
    return session.token.get("refresh_token")


def requests_oauthlib(url):
    session = OAuth2Session("app", token=dict(OLD))
    session.refresh_token(url, client_id="app", client_secret="pass")
    return session.token.get("refresh_token")


async def httpx_oauth(url):
    client = OAuth2("app", "pass", base, url, url)
    return (await client.refresh_token("first")).get("refresh_token")


def google_auth(url):
    credentials = google.oauth2.credentials.Credentials(
        None, refresh_token="first", token_uri=url, client_id="app", client_secret="pass"
    )
    credentials.refresh(google.auth.transport.requests.Request())
    return credentials.refresh_token


CLIENTS = {
    "authlib": authlib_requests,
    "requests-oauthlib": requests_oauthlib,
    "httpx-oauth *": lambda url: asyncio.run(httpx_oauth(url)),
    "google-auth (PyPI)": google_auth,
}
for name, refresh in CLIENTS.items():
    row = ""
    for kind in ANSWERS:
        try:
            kept = refresh(f"{base}/{kind}/token")
            kept = '""' if kept == "" else kept or ("none" if name.endswith("*") else "lost")
        except Exception:
            kept = "error"
        row += f"{kept:10}"
    print(f"{name:28}{row}".rstrip())
PY

echo "Stored refresh token: first. One refresh each; the answer's refresh_token is second, absent, \"\" or null."
printf '%-28s%-10s%-10s%-10s%s\n' library replaced absent '""' null
{ timeout 60 node run.mjs; timeout 60 venv/bin/python run.py; } | tee seen

cat >expected <<'SEEN'
simple-oauth2               second    lost      ""        lost
openid-client *             second    none      error     error
oauth4webapi *              second    none      error     error
@badgateway/oauth2-client   second    first     first     first
google-auth-library (npm)   first     first     first     first
@modelcontextprotocol/sdk   second    first     ""        error
authlib                     second    first     ""        lost
requests-oauthlib           second    first     ""        lost
httpx-oauth *               second    none      ""        none
google-auth (PyPI)          second    first     ""        lost
SEEN
diff -u expected seen || { echo "changed: the libraries no longer behave as recorded" >&2; exit 1; }
echo "as recorded"
