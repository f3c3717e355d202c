#!/usr/bin/env bash
# Does a login with a device code survive what RFC 8628 allows a server to answer while a person types?
#
# Versions: pinned below; Node 20, Python 3. The server wants 1 s between polls unless a row says otherwise; each
#           row's answers end with a token.
# Seen:     the table at the end: the pauses between polls in seconds, then what came of it.
# Surprise: one 503 or one broken connection between two polls ends the login in all three clients, though the code
#           stays good and RFC 8628 (3.5) asks to go on more slowly. Without "interval", octokit polls without any
#           pause instead of every 5 s (3.2), and after "slow_down" it waits 8 s once and returns to its old pace,
#           which 3.5 excludes: "this and all subsequent requests". An interval as text is waited for by octokit,
#           refused before the first poll by the two others; a missing "expires_in" is refused by openid-client,
#           which also takes a pending answer with status 200 for a broken token.
# Meaning:  a client has to poll on through whatever says nothing about the code, to keep each slow_down, and to
#           assume 5 s; a server that forgets "interval" is polled as fast as the network allows.
set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"

npm=(openid-client@6.9.0 @octokit/auth-oauth-device@8.0.5 @octokit/request@10.0.16)
pip=requests_oauth2client==1.8.0
echo "Node $(node --version), ${npm[*]}, $pip"
timeout 180 npm install --no-audit --no-fund --ignore-scripts --silent "${npm[@]}"
python3 -m venv venv
venv/bin/pip install --quiet "$pip"

cat >server.py <<'PY'
import http.server
import json
import os
import socket
import struct
import time

PENDING = {"error": "authorization_pending"}
TOKEN = (200, {"access_token": "T", "token_type": "bearer", "expires_in": 3600, "scope": "a"})
DEVICE = {"device_code": "d", "user_code": "U", "verification_uri": "http://127.0.0.1/", "expires_in": 60, "interval": 1}
ROWS = {
    "pending": ({}, [(400, PENDING), (400, PENDING), TOKEN]),
    "slow_down": ({}, [(400, {"error": "slow_down"}), (400, PENDING), TOKEN]),
    "no-interval": ({"interval": None}, [(400, PENDING), (400, PENDING), TOKEN]),
    "text-interval": ({"interval": "1"}, [(400, PENDING), TOKEN]),
    "no-expires_in": ({"expires_in": None}, [(400, PENDING), TOKEN]),
    "status-200": ({}, [(200, PENDING), TOKEN]),
    "503": ({}, [(400, PENDING), (503, {}), TOKEN]),
    "broken": ({}, [(400, PENDING), None, TOKEN]),
}
polls = {}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        pauses = {key: [int(b - a + 0.1) for a, b in zip(times, times[1:])] for key, times in polls.items()}
        self.answer(200, pauses)

    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length") or 0))
        _, client, row, endpoint = self.path.split("/")
        device, answers = ROWS[row]
        if endpoint == "device":
            answer = {name: value for name, value in {**DEVICE, **device}.items() if value is not None}
            return self.answer(200, answer)
        times = polls.setdefault(f"{client}/{row}", [])
        times.append(time.monotonic())
        answer = answers[len(times) - 1]
        if answer is not None:
            return self.answer(*answer)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        pass


server = Server(("127.0.0.1", 0), Handler)
open("port.new", "w").write(str(server.server_address[1]))
os.rename("port.new", "port")
server.serve_forever()
PY

cat >clients.mjs <<'JS'
import * as openid from "openid-client";
import { createOAuthDeviceAuth } from "@octokit/auth-oauth-device";
import { request } from "@octokit/request";

const [base, ...rows] = process.argv.slice(2);
const clients = {
  "openid-client": async (url) => {
    const metadata = { issuer: url, token_endpoint: `${url}/token`, device_authorization_endpoint: `${url}/device` };
    const config = new openid.Configuration(metadata, "id", "secret");
    openid.allowInsecureRequests(config);
    const device = await openid.initiateDeviceAuthorization(config, { scope: "a" });
    await openid.pollDeviceAuthorizationGrant(config, device);
  },
  octokit: async (url) => {
    const redirected = (asked, options) => fetch(`${url}/${asked.includes("device/code") ? "device" : "token"}`, options);
    const device = createOAuthDeviceAuth({
      clientType: "oauth-app",
      clientId: "id",
      onVerification() {},
      request: request.defaults({ baseUrl: url, request: { fetch: redirected } }),
    });
    await device({ type: "oauth" });
  },
};
const runs = Object.entries(clients).flatMap(([client, login]) =>
  rows.map(async (row) => {
    const outcome = await login(`${base}/${client}/${row}`).then(() => "token", () => "failed");
    console.log(`${client}/${row} ${outcome}`);
  }),
);
await Promise.all(runs);
process.exit();
JS

cat >client.py <<'PY'
import sys
from concurrent.futures import ThreadPoolExecutor

from requests_oauth2client import DeviceAuthorizationPollingJob, OAuth2Client

base, *rows = sys.argv[1:]


def login(row):
    url = f"{base}/requests_oauth2client/{row}"
    endpoints = {"token_endpoint": f"{url}/token", "device_authorization_endpoint": f"{url}/device"}
    try:
        client = OAuth2Client(**endpoints, client_id="id", client_secret="secret", testing=True)
        job = DeviceAuthorizationPollingJob(client, client.authorize_device(scope="a"))
        while job() is None:
            pass
        return "token"
    except Exception:
        return "failed"


with ThreadPoolExecutor(len(rows)) as pool:
    for row, outcome in zip(rows, pool.map(login, rows)):
        print(f"requests_oauth2client/{row} {outcome}")
PY

python3 server.py &
until [ -f port ]; do sleep 0.1; done
base=http://127.0.0.1:$(cat port)
rows=(pending slow_down no-interval text-interval no-expires_in status-200 503 broken)
timeout 60 node clients.mjs "$base" "${rows[@]}" >outcomes &
node=$!
timeout 60 venv/bin/python client.py "$base" "${rows[@]}" >outcomes-python
wait "$node"
cat outcomes-python >>outcomes
curl -s "$base/pauses" >pauses

python3 - "${rows[@]}" <<'PY' | tee seen
import json
import sys

pauses = json.load(open("pauses"))
outcomes = dict(line.split() for line in open("outcomes"))
clients = ["openid-client", "octokit", "requests_oauth2client"]


def column(cells):
    print("".join(cell.ljust(22) for cell in cells).rstrip())


column(["answers", *clients])
for row in sys.argv[1:]:
    keys = [f"{client}/{row}" for client in clients]
    column([row, *(" ".join([*map(str, pauses.get(key, ["none"])), outcomes[key]]) for key in keys)])
PY

cat >expected <<'SEEN'
answers               openid-client         octokit               requests_oauth2client
pending               1 1 token             1 1 token             1 1 token
slow_down             6 6 token             8 1 token             6 6 token
no-interval           5 5 token             0 0 token             5 5 token
text-interval         none failed           1 token               none failed
no-expires_in         none failed           1 token               1 token
status-200            failed                1 token               1 token
503                   1 failed              1 failed              1 failed
broken                1 failed              1 failed              1 failed
SEEN
diff -u expected seen || { echo "changed: the clients no longer poll as recorded" >&2; exit 1; }
echo "as recorded"
