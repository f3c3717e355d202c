#!/usr/bin/env bash
# A token of one hour is saved by one library and, two hours later, loaded by another (or by the same one):
# is it known to be dead?
#
# Versions: pinned below; Node 20, Python 3.11. Each library saves what it hands out, as JSON, or member by
#           member as texts (a Redis hash, environment variables, form fields). The clock of the readers is
#           set two hours on.
# Seen:     the table at the end: "dead" is right, "live" means that the token would be sent.
# Surprise: nothing fails loudly but httpx-oauth on some. simple-oauth2 saves expires_at as an ISO date,
#           which authlib and oauthlib cannot read and take for a token without an end. openid-client saves
#           expires_in alone, which every reader counts from the moment of loading, after each restart anew.
#           A whole number of seconds goes round among the three Python libraries, but once it has become a
#           text simple-oauth2 takes it for no date at all and says that the token lives; the text of a
#           fraction (time.time() + 3600) lives for ever in authlib as well, while oauthlib reads it.
# Meaning:  OAuth names expires_in, and no standard says how expires_at is written. Who shares a store
#           between languages, or keeps tokens in a place that has texts only, loses the end of the token's
#           life without an error and depends on the 401. Save a record of one's own with the unit in the
#           name, and refuse an end that cannot be read rather than take it for none.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
cd "$work"

npm=(simple-oauth2@5.1.0 openid-client@6.9.0)
pypi=(authlib==1.9.10 requests-oauthlib==2.0.0 oauthlib==4.0.1 httpx-oauth==0.17.0 requests==2.34.2)
echo "Node $(node --version), $(python3 --version), ${npm[*]} ${pypi[*]}"
timeout 180 npm install --no-audit --no-fund --ignore-scripts --silent "${npm[@]}"
python3 -m venv venv
timeout 180 venv/bin/pip install -q "${pypi[@]}"

cat >server.py <<'PY'
"""A token endpoint: every request gets a token of one hour."""
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWER = {"access_token": "t", "token_type": "Bearer", "refresh_token": "r", "expires_in": 3600}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        body = json.dumps(ANSWER).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
PY

cat >write.mjs <<'JS'
import { mkdirSync, writeFileSync } from "node:fs";
import * as openid from "openid-client";
import { AuthorizationCode } from "simple-oauth2";

const [base] = process.argv.slice(2);
const client = new AuthorizationCode({ client: { id: "app", secret: "pass" }, auth: { tokenHost: base } });
const first = client.createToken({ refresh_token: "r" });
const issuer = { issuer: base, token_endpoint: base };
const configuration = new openid.Configuration(issuer, "app", "pass", openid.ClientSecretPost("pass"));
openid.allowInsecureRequests(configuration);
mkdirSync("saved");
writeFileSync("saved/1 simple-oauth2", JSON.stringify(await first.refresh()));
writeFileSync("saved/2 openid-client", JSON.stringify(await openid.refreshTokenGrant(configuration, "r")));
JS

cat >write.py <<'PY'
import json
import os
import sys
import time
from pathlib import Path

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from requests_oauthlib import OAuth2Session

base = sys.argv[1]
client = {"client_id": "app", "client_secret": "pass"}
answer = {"access_token": "t", "token_type": "Bearer", "refresh_token": "r"}
tokens = {
    "3 authlib": AuthlibSession("app", "pass").refresh_token(base, refresh_token="r"),
    "4 requests-oauthlib": OAuth2Session("app", token={}).refresh_token(base, refresh_token="r", **client),
    "5 time.time() + 3600": answer | {"expires_at": round(time.time()) + 3600.5},
}
for name, token in tokens.items():
    Path("saved", name).write_text(json.dumps(token))
# The same once more, each member as a text.
for path in sorted(Path("saved").iterdir()):
    token = json.loads(path.read_text())
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in token.items()}
    Path("saved", f"{path.name}, texts").write_text(json.dumps(texts))
PY

cat >read.py <<'PY'
import json
import time
from pathlib import Path

clock = time.time
time.time = lambda: clock() + 7200
from authlib.oauth2.rfc6749 import OAuth2Token as AuthlibToken
from httpx_oauth.oauth2 import OAuth2Token as HttpxToken
from oauthlib.oauth2 import TokenExpiredError, WebApplicationClient


def oauthlib(token):
    try:
        WebApplicationClient("app", token=token).add_token("https://api.example", headers={})
        return False
    except TokenExpiredError:
        return True


READERS = {
    "authlib": lambda token: AuthlibToken.from_dict(token).is_expired(),
    "oauthlib": oauthlib,
    "httpx-oauth": lambda token: HttpxToken(token).is_expired(),
}
for path in sorted(Path("saved").iterdir()):
    row = []
    for dead in READERS.values():
        try:
            row.append("dead" if dead(json.loads(path.read_text())) else "live")
        except ValueError:
            row.append("error")
    print("|".join([path.name[2:], *row]))
PY

cat >read.mjs <<'JS'
import { readdirSync, readFileSync } from "node:fs";
import { mock } from "node:test";
import { AuthorizationCode } from "simple-oauth2";

mock.timers.enable({ apis: ["Date"], now: Date.now() + 7_200_000 });
const auth = { tokenHost: "https://login.example" };
const client = new AuthorizationCode({ client: { id: "app", secret: "pass" }, auth });
for (const name of readdirSync("saved").sort()) {
  const token = client.createToken(JSON.parse(readFileSync(`saved/${name}`, "utf8")));
  console.log(token.expired() ? "dead" : "live");
}
JS

timeout 120 python3 server.py >url 2>server.log &
server=$!
timeout 10 bash -c 'until [ -s url ]; do sleep 0.1; done'
timeout 60 node write.mjs "$(cat url)"
timeout 60 venv/bin/python write.py "$(cat url)"
timeout 60 venv/bin/python read.py >python
timeout 60 node --no-warnings read.mjs >node
printf '%-29s%-10s%-10s%-13s%s\n' "saved by, loaded by:" authlib oauthlib httpx-oauth simple-oauth2
paste -d '|' python node |
  while IFS='|' read -r name one two three four; do
    printf '%-29s%-10s%-10s%-13s%s\n' "$name" "$one" "$two" "$three" "$four"
  done | tee seen

cat >expected <<'SEEN'
simple-oauth2                live      live      error        dead
simple-oauth2, texts         live      live      error        dead
openid-client                live      live      live         live
openid-client, texts         live      live      live         live
authlib                      dead      dead      dead         dead
authlib, texts               dead      dead      dead         live
requests-oauthlib            dead      dead      dead         dead
requests-oauthlib, texts     dead      dead      dead         live
time.time() + 3600           dead      dead      dead         dead
time.time() + 3600, texts    live      dead      error        live
SEEN
diff -u expected seen || { echo "changed: the libraries no longer read as recorded" >&2; exit 1; }
echo "as recorded"
