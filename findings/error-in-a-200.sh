#!/usr/bin/env bash
# A token endpoint answers 200 twice: with {"error": "invalid_grant", ...} in place of a token (as some large
# providers do), and with a good token beside "error": null (as servers do that serialize one record for
# both). What do OAuth libraries make of the two?
#
# Versions: pinned below; Node 20, Python 3.11.
# Seen:     the table at the end: "code" = an error that carries invalid_grant, "error" = one that does not,
#           "success" = no error at all, "token" = the good token.
# Surprise: of nine only google-auth gets both right. simple-oauth2 and httpx-oauth return the error object as
#           a fresh token, and both say that it has not expired. The only ones with the code in the error
#           (authlib, oauthlib) test whether the member exists, and so refuse the good token; oauthlib even
#           with a TypeError about a missing argument of its own constructor.
# Meaning:  neither the status nor the presence of "error" decides. A good access_token with "error": null is
#           a success; 2xx without access_token and with a textual "error" is a refusal, with its code kept.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm=(simple-oauth2@5.1.0 openid-client@6.9.0 @badgateway/oauth2-client@3.3.1 google-auth-library@11.3.4
  @modelcontextprotocol/sdk@1.32.2)
pypi=(authlib==1.9.9 requests-oauthlib==2.0.0 oauthlib==4.0.1 httpx-oauth==0.17.0 requests==2.34.2 google-auth==2.63.0)
echo "Node $(node --version), $(python3 --version), ${npm[*]} ${pypi[*]}"
timeout 180 npm install --no-audit --no-fund --ignore-scripts --silent "${npm[@]}"
python3 -m venv venv
timeout 180 venv/bin/pip install -q "${pypi[@]}"

cat >server.py <<'PY'
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWERS = {
    "/refusal": {"error": "invalid_grant", "error_description": "the grant is gone"},
    "/success": {"access_token": "good", "token_type": "Bearer", "expires_in": 3600, "error": None},
}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        body = json.dumps(ANSWERS[self.path]).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
PY

cat >run.mjs <<'JS'
import { inspect } from "node:util";
import { AuthorizationCode } from "simple-oauth2";
import * as openid from "openid-client";
import { OAuth2Client as Badgateway } from "@badgateway/oauth2-client";
import { OAuth2Client as Google } from "google-auth-library";
import { refreshAuthorization } from "@modelcontextprotocol/sdk/client/auth.js";

const base = `http://127.0.0.1:${process.argv[2]}`;
console.warn = () => {};
const libraries = {
  "simple-oauth2": async (path) => {
    const auth = { tokenHost: base, tokenPath: path };
    const client = new AuthorizationCode({ client: { id: "app", secret: "pass" }, auth });
    const { token } = await client.createToken({ access_token: "old", refresh_token: "first" }).refresh();
    return token.access_token;
  },
  "openid-client": async (path) => {
    const config = new openid.Configuration({ issuer: base, token_endpoint: base + path }, "app", "pass");
    openid.allowInsecureRequests(config);
    return (await openid.refreshTokenGrant(config, "first")).access_token;
  },
  "@badgateway/oauth2-client": async (path) => {
    const client = new Badgateway({ clientId: "app", clientSecret: "pass", tokenEndpoint: base + path });
    return (await client.refreshToken({ accessToken: "old", refreshToken: "first", expiresAt: 0 })).accessToken;
  },
  "google-auth-library (npm)": async (path) => {
    const client = new Google({ clientId: "app", clientSecret: "pass", endpoints: { oauth2TokenUrl: base + path } });
    client.setCredentials({ refresh_token: "first" });
    return (await client.getAccessToken()).token;
  },
  "@modelcontextprotocol/sdk": async (path) => {
    const metadata = { issuer: base, token_endpoint: base + path, response_types_supported: ["code"] };
    const clientInformation = { client_id: "app", client_secret: "pass" };
    return (await refreshAuthorization(base, { metadata, clientInformation, refreshToken: "first" })).access_token;
  },
};
for (const [name, refresh] of Object.entries(libraries)) {
  const row = [];
  for (const path of ["/refusal", "/success"]) {
    try {
      row.push((await refresh(path)) === "good" ? "token" : "success");
    } catch (error) {
      row.push(inspect(error).includes("invalid_grant") ? "code" : "error");
    }
  }
  console.log(name.padEnd(28) + row[0].padEnd(12) + row[1]);
}
JS

cat >run.py <<'PY'
import asyncio
import os
import sys

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
import google.auth.transport.requests
import google.oauth2.credentials
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from httpx_oauth.oauth2 import OAuth2
from requests_oauthlib import OAuth2Session

base = f"http://127.0.0.1:{sys.argv[1]}"
OLD = {"access_token": "old", "token_type": "Bearer", "refresh_token": "first", "expires_at": 1}


def authlib(url):
    return AuthlibSession("app", "pass", token=dict(OLD), token_endpoint=url).refresh_token(url)["access_token"]


def requests_oauthlib(url):
    session = OAuth2Session("app", token=dict(OLD))
    return session.refresh_token(url, client_id="app", client_secret="pass")["access_token"]


def httpx_oauth(url):
    return asyncio.run(OAuth2("app", "pass", base, url, url).refresh_token("first")).get("access_token")


def google_auth(url):
    credentials = google.oauth2.credentials.Credentials(
        None, refresh_token="first", token_uri=url, client_id="app", client_secret="pass"
    )
    credentials.refresh(google.auth.transport.requests.Request())
    return credentials.token


for name, refresh in {
    "authlib": authlib,
    "requests-oauthlib": requests_oauthlib,
    "httpx-oauth": httpx_oauth,
    "google-auth (PyPI)": google_auth,
}.items():
    row = []
    for path in ("/refusal", "/success"):
        try:
            row.append("token" if refresh(base + path) == "good" else "success")
        except Exception as error:
            code = "invalid_grant" in f"{error} {getattr(error, 'error', '')}"
            row.append("code" if code else "TypeError" if isinstance(error, TypeError) else "error")
    print(f"{name:28}{row[0]:12}{row[1]}")
PY

timeout 120 python3 server.py >port &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
timeout 10 bash -c 'until [ -s port ]; do sleep 0.1; done'
printf '%-28s%-12s%s\n' "status 200 with" refusal "token and error: null"
{ timeout 60 node run.mjs "$(cat port)"; timeout 60 venv/bin/python run.py "$(cat port)"; } | tee seen

cat >expected <<'SEEN'
simple-oauth2               success     token
openid-client               error       token
@badgateway/oauth2-client   error       token
google-auth-library (npm)   error       token
@modelcontextprotocol/sdk   error       token
authlib                     code        error
requests-oauthlib           code        TypeError
httpx-oauth                 success     token
google-auth (PyPI)          code        token
SEEN
diff -u expected seen || { echo "changed: the libraries no longer behave as recorded" >&2; exit 1; }
echo "as recorded"
