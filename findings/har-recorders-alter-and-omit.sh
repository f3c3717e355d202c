#!/usr/bin/env bash
# A slow call is begun with the old token; while it is under way a refresh is sent and answered. What do HAR
# recorders for Node write about the two?
#
# Versions: pinned below; Node 20. Playwright without a browser (its request API and tracing.startHar).
# Seen:     the table at the end.
# Surprise: all but Playwright list the exchanges in the order of their *ends*, so that the refresh stands
#           before the call with the old token. node-fetch-har adds a header to the requests that it is meant
#           to watch, and keeps a form only as decoded params. Playwright with content: "omit" drops the
#           answers and the form's text, of which "" is left, but keeps the form's fields decoded: the refresh
#           token is in the file. axios-har-tracker's headers without a value are no valid HAR.
# Meaning:  reading "the old token after the refresh" out of the list's order accuses a correct client: sort
#           by startedDateTime, and compare with the end of the refresh. A body of "" beside a content-length
#           above 0 is a body that was left out, not an empty one.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm=(axios@1.21.1 axios-har-tracker@0.8.0 node-fetch@2.7.0 node-fetch-har@1.0.1 playwright-core@1.65.1
  har-validator@5.1.5)
echo "Node $(node --version), ${npm[*]}"
timeout 180 npm install --no-audit --no-fund --ignore-scripts --silent "${npm[@]}"

cat >run.cjs <<'JS'
const http = require("node:http");
const { readFileSync } = require("node:fs");
const axios = require("axios");
const { AxiosHarTracker } = require("axios-har-tracker");
const nodeFetch = require("node-fetch");
const { withHar } = require("node-fetch-har");
const playwright = require("playwright-core");
const validator = require("har-validator");

const headers = { authorization: "Bearer old" };
const form = "grant_type=refresh_token&refresh_token=old";
const type = "application/x-www-form-urlencoded";

/** The slow call is answered only after the refresh has been. */
async function record(slow, refresh) {
  const first = slow();
  await arrived.promise;
  await refresh();
  release.resolve();
  await first;
}
const later = () => {
  const made = {};
  made.promise = new Promise((resolve) => (made.resolve = resolve));
  return made;
};
let arrived;
let release;
let onTheWire;

async function axiosHarTracker(base) {
  const client = axios.create();
  const tracker = new AxiosHarTracker(client);
  await record(() => client.get(`${base}/slow`, { headers }), () => client.post(`${base}/token`, form));
  return tracker.getGeneratedHar();
}
async function nodeFetchHar(base) {
  const entries = [];
  const fetch = withHar(nodeFetch, { onHarEntry: (entry) => entries.push(entry) });
  const read = async (path, options) => (await fetch(base + path, options)).text();
  await record(
    () => read("/slow", { headers }),
    () => read("/token", { method: "POST", body: form, headers: { "content-type": type } }),
  );
  return { log: { version: "1.2", creator: { name: "node-fetch-har", version: "1.0.1" }, entries } };
}
async function withPlaywright(base, content) {
  const context = await playwright.request.newContext();
  await context.tracing.startHar(`${content}.har`, { content });
  await record(
    () => context.get(`${base}/slow`, { headers }),
    () => context.post(`${base}/token`, { data: form, headers: { "content-type": type } }),
  );
  await context.tracing.stopHar();
  await context.dispose();
  return JSON.parse(readFileSync(`${content}.har`, "utf8"));
}

function requestBody({ postData }) {
  if (!postData) return "none";
  const kept = [];
  if (postData.text === form) kept.push("text");
  else if (postData.text === "") kept.push('""');
  if (postData.params?.length === 2) kept.push("params");
  return kept.join(", ");
}

async function main() {
  const server = http.createServer(async (request, response) => {
    onTheWire = new Set([...onTheWire, ...Object.keys(request.headers)]);
    for await (const _ of request);
    if (request.url === "/slow") {
      arrived.resolve();
      await release.promise;
    }
    response.writeHead(200, { "content-type": "application/json" }).end('{"access_token":"new"}');
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const base = `http://127.0.0.1:${server.address().port}`;
  const row = (name, ...cells) => {
    console.log((name.padEnd(19) + cells.map((cell) => cell.padEnd(15)).join("")).trimEnd());
  };
  row("recorder", "entries", "form", "answers", "valid HAR", "added header");
  for (const [name, recorder] of Object.entries({
    "axios-har-tracker": axiosHarTracker,
    "node-fetch-har": nodeFetchHar,
    "Playwright, embed": (url) => withPlaywright(url, "embed"),
    "Playwright, omit": (url) => withPlaywright(url, "omit"),
  })) {
    [arrived, release, onTheWire] = [later(), later(), new Set()];
    const har = JSON.parse(JSON.stringify(await recorder(base)));
    const { entries } = har.log;
    const refresh = entries.find(({ request }) => request.url.endsWith("/token"));
    const order = entries.map(({ request }) => new URL(request.url).pathname.slice(1)).join(", ");
    const answers = entries.every(({ response }) => response.content.text) ? "kept" : "left out";
    const valid = await validator.har(har).then(() => "yes", () => "no");
    const added = [...onTheWire].filter((header) => header.startsWith("x-")).join();
    row(name, order, requestBody(refresh.request), answers, valid, added);
  }
  process.exit();
}
main();
JS

timeout 60 node run.cjs | tee seen

cat >expected <<'SEEN'
recorder           entries        form           answers        valid HAR      added header
axios-har-tracker  token, slow    text           kept           no
node-fetch-har     token, slow    params         kept           yes            x-har-request-id
Playwright, embed  slow, token    text, params   kept           yes
Playwright, omit   slow, token    "", params     left out       yes
SEEN
diff -u expected seen || { echo "changed: the recorders no longer behave as recorded" >&2; exit 1; }
echo "as recorded"
