#!/usr/bin/env bash
# A token request is in a HAR recording. It is made into code by tools that promise this, and the code is
# run. Does the same form arrive?
#
# Versions: pinned below; Node 20, Python 3.11, the system's curl. What har-to-k6 makes is run by Node with
#           a stand-in for k6's http.post, which encodes an object as k6's manual says.
# Seen:     the table at the end. The client secret is "a+b%2Bc d". "as recorded", or "other secret": the
#           server reads another one, or "nothing": it gets an empty form.
# Surprise: HAR has a form's text, its decoded params, or (against the specification, but so do browsers and
#           Playwright) both. httpsnippet and its fork @readme/httpsnippet, which API documentation is made
#           with, leave the form out where it is there as text only, unless the media type has a parameter
#           behind it. httpsnippet's curl passes the decoded params to --data, which does not encode.
#           har-to-k6 decodes what is decoded already, and prefers that where the right text stands beside
#           it.
# Meaning:  a secret of letters and digits hides all this; one with +, % or a blank is refused as a wrong
#           secret after a replay. Read text first, and params as decoded values; a form that is not empty
#           must never become an empty one.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
cd "$work"

npm=(httpsnippet@3.0.10 @readme/httpsnippet@11.4.0 har-to-k6@0.14.16)
pypi=(har2requests==0.2.3 requests==2.34.2)
echo "Node $(node --version), $(python3 --version), ${npm[*]} ${pypi[*]}"
timeout 180 npm install --no-audit --no-fund --ignore-scripts --silent "${npm[@]}"
python3 -m venv venv
timeout 180 venv/bin/pip install -q "${pypi[@]}"

cat >server.mjs <<'JS'
// POST reads a form; GET says what came since the last GET.
import http from "node:http";

let seen = "no request";
const server = http.createServer(async (request, response) => {
  let body = "";
  for await (const part of request) body += part;
  if (request.method === "GET") {
    response.end(seen);
    seen = "no request";
    return;
  }
  const form = new URLSearchParams(body);
  if (body === "") seen = "nothing";
  else seen = form.get("client_secret") === "a+b%2Bc d" ? "as recorded" : "other secret";
  response.writeHead(200, { "content-type": "application/json" }).end("{}");
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
JS

mkdir -p node_modules/k6
echo '{"name": "k6", "type": "module", "exports": {".": "./index.js", "./http": "./http.js"}}' >node_modules/k6/package.json
echo 'export const sleep = () => {}; export const check = () => {}; export const group = () => {};' \
  >node_modules/k6/index.js
cat >node_modules/k6/http.js <<'JS'
export default {
  post: (url, body, { headers }) => {
    return fetch(url, { method: "POST", headers, body: typeof body === "string" ? body : new URLSearchParams(body) });
  },
};
JS

cat >run.mjs <<'JS'
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { HTTPSnippet as Fork } from "@readme/httpsnippet";
import harToK6 from "har-to-k6";
import httpsnippet from "httpsnippet";

const [base] = process.argv.slice(2);
const form = { grant_type: "refresh_token", refresh_token: "r", client_id: "app", client_secret: "a+b%2Bc d" };
const text = new URLSearchParams(form).toString();
const params = Object.entries(form).map(([name, value]) => ({ name, value }));
const mimeType = "application/x-www-form-urlencoded";
const recorded = {
  "text and params": { mimeType, text, params },
  "params only": { mimeType, params },
  "text only": { mimeType, text },
  "text, charset": { mimeType: `${mimeType};charset=UTF-8`, text },
};
function har(postData) {
  const headers = [{ name: "content-type", value: postData.mimeType }];
  const sizes = { headersSize: -1, bodySize: -1 };
  const common = { httpVersion: "HTTP/1.1", cookies: [], ...sizes };
  const request = { method: "POST", url: `${base}/token`, headers, queryString: [], postData, ...common };
  const content = { size: 0, mimeType: "application/json" };
  const response = { status: 200, statusText: "OK", headers: [], content, redirectURL: "", ...common };
  const timings = { send: 0, wait: 1, receive: 0 };
  const entry = { startedDateTime: "2026-01-01T00:00:00.000Z", time: 1, request, response, cache: {}, timings };
  return structuredClone({ log: { version: "1.2", creator: { name: "none", version: "1" }, pages: [], entries: [entry] } });
}
const run = (file, ...words) => execFileSync(file, words, { timeout: 20_000, stdio: ["ignore", "pipe", "pipe"] }).toString();
const requestOf = ({ log }) => log.entries[0].request;
function withNode(code) {
  writeFileSync("code.mjs", code);
  run("node", "code.mjs");
}
async function snippet(Library, recording, target, client) {
  const made = await new Library(requestOf(recording)).convert(target, client);
  return String(Array.isArray(made) ? made[0] : made);
}
const tools = {
  "httpsnippet, fetch": async (it) => withNode(await snippet(httpsnippet.HTTPSnippet, it, "javascript", "fetch")),
  "httpsnippet, curl": async (it) => run("bash", "-c", await snippet(httpsnippet.HTTPSnippet, it, "shell", "curl")),
  "@readme, fetch": async (it) => withNode(await snippet(Fork, it, "javascript", "fetch")),
  "@readme, curl": async (it) => run("bash", "-c", await snippet(Fork, it, "shell", "curl")),
  "har-to-k6": async (it) => {
    const { main } = await harToK6.liHARToK6Script(it);
    withNode(`${main}\nawait main();`.replace("export default function main", "async function main"));
  },
  har2requests: async (it) => {
    writeFileSync("recording.har", JSON.stringify(it));
    writeFileSync("code.py", run("har2requests", "recording.har"));
    run("python", "code.py");
  },
};
const cells = (row) => row.map((cell, column) => cell.padEnd(column ? 17 : 20)).join("").trimEnd();
console.log(cells(["made by", ...Object.keys(recorded)]));
for (const [name, replay] of Object.entries(tools)) {
  const row = [name];
  for (const postData of Object.values(recorded)) {
    await replay(har(postData));
    row.push(await (await fetch(base)).text());
  }
  console.log(cells(row));
}
process.exit();
JS

timeout 180 node server.mjs >url &
server=$!
timeout 10 bash -c 'until [ -s url ]; do sleep 0.1; done'
PATH="$work/venv/bin:$PATH" timeout 120 node run.mjs "$(cat url)" 2>warnings | tee seen

cat >expected <<'SEEN'
made by             text and params  params only      text only        text, charset
httpsnippet, fetch  as recorded      as recorded      nothing          as recorded
httpsnippet, curl   other secret     other secret     nothing          as recorded
@readme, fetch      as recorded      as recorded      nothing          as recorded
@readme, curl       as recorded      as recorded      nothing          as recorded
har-to-k6           other secret     other secret     as recorded      as recorded
har2requests        as recorded      as recorded      as recorded      as recorded
SEEN
diff -u expected seen || { cat warnings; echo "changed: the tools no longer send what is recorded" >&2; exit 1; }
echo "as recorded"
