#!/usr/bin/env bash
# What do two clients that are driven by an OpenAPI document send, depending on an operation's "security" and
# on the credentials that they hold?
#
# Versions: pinned below; Node 20, Python 3.11. The document is valid OpenAPI 3.0; B is a bearer token, K an
#           API key.
# Seen:     the table at the end. "nothing" = the request is sent bare, "refused" = it is not sent.
# Surprise: for alternatives (B or K) swagger-client, the engine behind Swagger UI's "Try it out", sends every
#           credential it holds; for B and K together it sends whichever it has; without any it sends the
#           request bare, and says nothing in all three cases. aiopenapi3 sends the first alternative it can
#           satisfy, else raises an error. Both differ again where {} (no credential) is one of the
#           alternatives and listed first.
# Meaning:  a call that works in Swagger UI does not show which credential the API looked at, and one that
#           fails may fail because two were sent. For alternatives one credential should be chosen, and a
#           missing one reported before the request.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
cd "$work"

npm=(swagger-client@3.39.0)
pypi=(aiopenapi3==0.11.0 httpx2==2.16.2)
echo "Node $(node --version), $(python3 --version), ${npm[*]} ${pypi[*]}"
timeout 180 npm install --no-audit --no-fund --ignore-scripts --silent "${npm[@]}"
python3 -m venv venv
timeout 180 venv/bin/pip install -q "${pypi[@]}"

cat >server.py <<'PY'
"""GET /openapi.json gives the document; every other path answers with the credentials that the request carries."""
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECURITY = {
    "either": [{"B": []}, {"K": []}],
    "both": [{"B": [], "K": []}],
    "optional": [{}, {"K": []}],
    "open": [],
}


def operation(name, security):
    answer = {"description": "what was sent", "content": {"application/json": {"schema": {"type": "object"}}}}
    return {"get": {"operationId": name, "security": security, "responses": {"200": answer}}}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        sent = [name for name, header in (("B", "authorization"), ("K", "x-api-key")) if self.headers[header]]
        answer = document if self.path == "/openapi.json" else {"sent": " + ".join(sent) or "nothing"}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
base = f"http://127.0.0.1:{server.server_port}"
schemes = {
    "B": {"type": "http", "scheme": "bearer"},
    "K": {"type": "apiKey", "in": "header", "name": "x-api-key"},
}
document = {
    "openapi": "3.0.3",
    "info": {"title": "four ways to ask for credentials", "version": "1"},
    "servers": [{"url": base}],
    "components": {"securitySchemes": schemes},
    "paths": {f"/{name}": operation(name, security) for name, security in SECURITY.items()},
}
print(base, flush=True)
server.serve_forever()
PY

cat >run.mjs <<'JS'
import SwaggerClient from "swagger-client";

const [url] = process.argv.slice(2);
for (const authorizations of [{ B: "token", K: "key" }, { K: "key" }, {}]) {
  const client = await SwaggerClient({ url: `${url}/openapi.json`, authorizations });
  for (const name of ["either", "both", "optional", "open"]) {
    const sent = await client.apis.default[name]().then(({ body }) => body.sent, () => "refused");
    console.log(sent);
  }
}
JS

cat >run.py <<'PY'
import sys

import httpx2
from aiopenapi3 import OpenAPI

url = sys.argv[1]
for held in ({"B": "token", "K": "key"}, {"K": "key"}, {}):
    api = OpenAPI.load_sync(f"{url}/openapi.json", session_factory=httpx2.Client)
    if held:
        api.authenticate(**held)
    for name in ("either", "both", "optional", "open"):
        try:
            sent = getattr(api._, name)()
            print(sent["sent"] if isinstance(sent, dict) else sent.sent)
        except ValueError as error:
            assert "No security requirement satisfied" in str(error)
            print("refused")
PY

timeout 120 python3 server.py >url &
server=$!
timeout 10 bash -c 'until [ -s url ]; do sleep 0.1; done'
timeout 60 node run.mjs "$(cat url)" >node
timeout 60 venv/bin/python run.py "$(cat url)" >python
printf '%-12s%-16s%-18s%s\n' holds "operation wants" swagger-client aiopenapi3
for holds in "B + K" K nothing; do
  for wants in "B or K" "B and K" "{} or K" nothing; do printf '%-12s%-16s\n' "$holds" "$wants"; done
done >cases
paste -d '|' cases node python |
  while IFS='|' read -r row node python; do printf '%s%-18s%s\n' "$row" "$node" "$python"; done | tee seen

cat >expected <<'SEEN'
B + K       B or K          B + K             B
B + K       B and K         B + K             B + K
B + K       {} or K         K                 nothing
B + K       nothing         nothing           nothing
K           B or K          K                 K
K           B and K         K                 refused
K           {} or K         K                 nothing
K           nothing         nothing           nothing
nothing     B or K          nothing           refused
nothing     B and K         nothing           refused
nothing     {} or K         nothing           nothing
nothing     nothing         nothing           nothing
SEEN
diff -u expected seen || { echo "changed: the clients no longer behave as recorded" >&2; exit 1; }
echo "as recorded"
