#!/usr/bin/env bash
# How many token requests do three calls cost if expires_in is absent, null, 0, -1, 50 or 200 seconds?
#
# Versions: pinned below; Node 20, Python 3.11. Each library asks as its manual shows, with its default
#           margins.
# Seen:     the table at the end. One request means that the token is used for all three calls, three that
#           none outlives its call; err that the call ends with an error.
# Surprise: 0 is falsy in both languages: three of seven libraries take "expires_in": 0 for "lives for ever",
#           while -1 is dead to the same code. Both Google libraries hold a token of 200 seconds dead on
#           arrival (margins of 225 and 300 seconds), authlib one of 50 (margin 60). requests-oauthlib,
#           refreshing an expired token, keeps the *old* token's end where the answer names none (or 0), and
#           so raises TokenExpiredError about the token that it was given a moment ago. httpx-oauth raises
#           TypeError on null.
# Meaning:  a server that gives one token to all callers and reports what is left of its life (0 at its end)
#           is used with a dead token by some clients and asked at each call by others. A client should treat
#           0 as "ask again", keep its margin below the life it was given, and never ask once per call.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm=(simple-oauth2@5.1.0 @badgateway/oauth2-client@3.3.1 google-auth-library@11.3.4)
pypi=(authlib==1.9.9 requests-oauthlib==2.0.0 oauthlib==4.0.1 httpx-oauth==0.17.0 requests==2.34.2 google-auth==2.63.0)
echo "Node $(node --version), $(python3 --version), ${npm[*]} ${pypi[*]}"
timeout 180 npm install --no-audit --no-fund --ignore-scripts --silent "${npm[@]}"
python3 -m venv venv
timeout 180 venv/bin/pip install -q "${pypi[@]}"

cat >run.mjs <<'JS'
import http from "node:http";
import { ClientCredentials } from "simple-oauth2";
import { OAuth2Client as Badgateway, OAuth2Fetch } from "@badgateway/oauth2-client";
import { OAuth2Client as Google } from "google-auth-library";

let asked = 0;
const server = http.createServer((request, response) => {
  request.resume().on("end", () => {
    asked += 1;
    const value = request.url.split("/")[1];
    const life = value === "absent" ? {} : { expires_in: JSON.parse(value) };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ access_token: `t${asked}`, token_type: "Bearer", refresh_token: "r", ...life }));
  });
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const base = `http://127.0.0.1:${server.address().port}`;

const libraries = {
  "simple-oauth2": async (url) => {
    const auth = { tokenHost: base, tokenPath: new URL(url).pathname };
    const client = new ClientCredentials({ client: { id: "app", secret: "pass" }, auth });
    let token = await client.getToken({});
    for (let call = 2; call <= 3; call += 1) if (token.expired()) token = await client.getToken({});
  },
  "@badgateway/oauth2-client": async (url) => {
    const client = new Badgateway({ clientId: "app", clientSecret: "pass", tokenEndpoint: url });
    const getNewToken = () => client.clientCredentials();
    const fetcher = new OAuth2Fetch({ client, scheduleRefresh: false, getNewToken });
    for (let call = 1; call <= 3; call += 1) await fetcher.getAccessToken();
  },
  "google-auth-library (npm)": async (url) => {
    const client = new Google({ clientId: "app", clientSecret: "pass", endpoints: { oauth2TokenUrl: url } });
    client.setCredentials({ refresh_token: "r" });
    for (let call = 1; call <= 3; call += 1) await client.getAccessToken();
  },
};
for (const [name, use] of Object.entries(libraries)) {
  let row = name.padEnd(28);
  for (const value of ["absent", "null", "0", "-1", "50", "200"]) {
    asked = 0;
    await use(`${base}/${value}/token`);
    row += String(asked).padEnd(8);
  }
  console.log(row.trimEnd());
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
from oauthlib.oauth2 import TokenExpiredError
from requests_oauthlib import OAuth2Session

asked = 0


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        global asked
        asked += 1
        self.rfile.read(int(self.headers["content-length"]))
        value = self.path.split("/")[1]
        life = {} if value == "absent" else {"expires_in": json.loads(value)}
        self.answer({"access_token": f"t{asked}", "token_type": "Bearer", "refresh_token": "r"} | life)

    def do_GET(self):
        self.answer({})

    def answer(self, value):
        body = json.dumps(value).encode()
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


def authlib(url):
    session = AuthlibSession("app", "pass", token_endpoint=url, grant_type="client_credentials")
    session.fetch_token(url, grant_type="client_credentials")
    session.get(base)
    session.get(base)


def requests_oauthlib(url):
    client = {"client_id": "app", "client_secret": "pass"}
    old = {"access_token": "old", "token_type": "Bearer", "refresh_token": "r", "expires_in": -1}
    session = OAuth2Session(
        "app", token=old, auto_refresh_url=url, auto_refresh_kwargs=client, token_updater=lambda _: None
    )
    for _ in range(3):
        session.get(base)


async def httpx_oauth(url):
    client = OAuth2("app", "pass", base, url, url)
    token = await client.refresh_token("r")
    for _ in range(2):
        if token.is_expired():
            token = await client.refresh_token("r")


def google_auth(url):
    credentials = google.oauth2.credentials.Credentials(
        None, refresh_token="r", token_uri=url, client_id="app", client_secret="pass"
    )
    for _ in range(3):
        credentials.before_request(google.auth.transport.requests.Request(), "GET", base, {})


LIBRARIES = {
    "authlib": authlib,
    "requests-oauthlib": requests_oauthlib,
    "httpx-oauth": lambda url: asyncio.run(httpx_oauth(url)),
    "google-auth (PyPI)": google_auth,
}
for name, use in LIBRARIES.items():
    row = f"{name:28}"
    for value in ("absent", "null", "0", "-1", "50", "200"):
        asked = 0
        try:
            use(f"{base}/{value}/token")
            seen = asked
        except TokenExpiredError:
            seen = f"{asked}+err"
        except TypeError:
            seen = "err"
        row += f"{seen:<8}"
    print(row.rstrip())
PY

printf '%-28s%-8s%-8s%-8s%-8s%-8s%s\n' "requests for three calls" absent null 0 -1 50 200
{ timeout 60 node run.mjs; timeout 60 venv/bin/python run.py; } | tee seen

cat >expected <<'SEEN'
simple-oauth2               1       1       3       3       1       1
@badgateway/oauth2-client   1       1       1       3       1       1
google-auth-library (npm)   1       1       1       3       3       3
authlib                     1       1       1       3       3       1
requests-oauthlib           1+err   1+err   1+err   1+err   1       1
httpx-oauth                 1       err     3       3       1       1
google-auth (PyPI)          1       1       3       3       3       3
SEEN
diff -u expected seen || { echo "changed: the libraries no longer behave as recorded" >&2; exit 1; }
echo "as recorded"
