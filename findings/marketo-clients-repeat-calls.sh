#!/usr/bin/env bash
# A call to Marketo's REST API is refused once with 606 (too many calls in a short time), or it is refused with 602
# since the server has ended the token before its time, until the client asks for another. What do clients send?
#
# Versions: pinned below; Node 20, Python 3.11. marketorestpython with its defaults, by its method execute and by the
#           one named after the call; node-marketo-rest only waits for less time than by default.
# Seen:     the table at the end: what the caller gets, how many calls the server got, how many of them without a
#           token. Marketo's documents say that every call needs one, not what a call without is refused with:
#           600 (as node-marketo-rest has it in its list of codes) and 601 are both tried.
# Surprise: marketorestpython takes the token out of the arguments to make a header of it, and repeats with the
#           same arguments: the second call has no token, and a limit that is over becomes an error about the
#           token. If that is 601, execute mends it with a third call. After a 602 execute "authenticates", which
#           does nothing while the token is fresh by the client's own clock: ten calls with the dead token, and
#           then the result is None, without an exception.
# Meaning:  a repetition gets its credential anew; a refused token is dead, whatever life was announced; and
#           repetitions that are used up are an error.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
cd "$work"

npm=(node-marketo-rest@0.7.8)
pypi=(marketorestpython==0.5.25 backoff==2.2.1 requests==2.34.2)
echo "Node $(node --version), $(python3 --version), ${npm[*]} ${pypi[*]}"
timeout 180 npm install --no-audit --no-fund --ignore-scripts --silent "${npm[@]}"
python3 -m venv venv
timeout 180 venv/bin/pip install -q "${pypi[@]}"

cat >server.py <<'PY'
# The first segment of a path names a run: the code of the refusal, that of a call without a token, and a number.
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

calls, tokens = {}, {}
MESSAGES = {
    "600": "no access token",
    "601": "Access token invalid",
    "602": "Access token expired",
    "606": "Max rate limit '100' exceeded with in '20' secs",
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        _, run, rest = urlsplit(self.path).path.split("/", 2)
        refusal, without, _ = run.split("-")
        seen = calls.setdefault(run, [])
        if rest == "seen":
            answer = seen
        elif rest == "identity/oauth/token":
            tokens[run] = tokens.get(run, 0) + 1
            answer = {"access_token": str(tokens[run]), "token_type": "bearer", "expires_in": 3599, "scope": "a@b.test"}
        else:
            token = self.headers.get("authorization")
            seen.append(token)
            # What is over after one call is a limit; a token is dead until there is another.
            refused = len(seen) == 1 if refusal == "606" else token == "Bearer 1"
            code = without if token is None else refusal if refused else None
            answer = {"requestId": "a#1", "success": code is None}
            if code is None:
                answer["result"] = [{"id": 1}]
            else:
                answer["errors"] = [{"code": code, "message": MESSAGES[code]}]
        body = json.dumps(answer).encode()
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

cat >with_python.py <<'PY'
import sys

from marketorestpython.client import MarketoClient

base, way = sys.argv[1:]
client = MarketoClient("000-AAA-000", "app", "pass")
client.host = base
try:
    if way == "execute":
        result = client.execute(method="get_lead_by_id", id=1)
    else:
        result = client.get_lead_by_id(id=1)
    print("success" if result == [{"id": 1}] else result)
except Exception as error:
    # One has the code as an attribute, the other a dict with it as its argument.
    print("error", getattr(error, "code", None) or error.args[0]["code"])
PY
cat >with_node.cjs <<'JS'
const Marketo = require("node-marketo-rest");

const base = process.argv[2];
const options = { endpoint: `${base}/rest`, identity: `${base}/identity`, clientId: "app", clientSecret: "pass" };
const client = new Marketo({ ...options, retry: { initialDelay: 100, maxDelay: 1000 } });
client.lead.byId(1).then(
  ({ result }) => console.log(result?.[0]?.id === 1 ? "success" : result),
  (error) => console.log("error", error.errors?.[0]?.code),
);
JS

cat >run.py <<'PY'
import json, subprocess, sys, urllib.request

base = f"http://127.0.0.1:{sys.argv[1]}"
CLIENTS = {
    "marketorestpython, execute": lambda at: ["venv/bin/python", "with_python.py", at, "execute"],
    "marketorestpython, method": lambda at: ["venv/bin/python", "with_python.py", at, "method"],
    "node-marketo-rest": lambda at: ["node", "--no-deprecation", "with_node.cjs", at],
}
RUNS = {"606, no token: 600": "606-600", "606, no token: 601": "606-601", "602": "602-601"}

print("client".ljust(28) + "".join(name.ljust(30) for name in RUNS).rstrip())
for number, (name, command) in enumerate(CLIENTS.items()):
    row = ""
    for run in RUNS.values():
        at = f"{base}/{run}-{number}"
        done = subprocess.run(command(at), capture_output=True, text=True, timeout=40)
        seen = json.load(urllib.request.urlopen(f"{at}/seen"))
        without = f", {seen.count(None)} without" if None in seen else ""
        row += f"{done.stdout.strip() or done.stderr[-300:]}, {len(seen)} sent{without}".ljust(30)
    print((name.ljust(28) + row).rstrip())
PY

timeout 180 python3 server.py >port &
server=$!
timeout 10 bash -c 'until [ -s port ]; do sleep 0.1; done'
timeout 120 python3 run.py "$(cat port)" | tee seen

cat >expected <<'SEEN'
client                      606, no token: 600            606, no token: 601            602
marketorestpython, execute  error 600, 2 sent, 1 without  success, 3 sent, 1 without    None, 10 sent
marketorestpython, method   error 600, 2 sent, 1 without  error 601, 2 sent, 1 without  error 602, 1 sent
node-marketo-rest           success, 2 sent               success, 2 sent               success, 2 sent
SEEN
diff -u expected seen || { echo "changed: the libraries no longer behave as recorded" >&2; exit 1; }
echo "as recorded"
