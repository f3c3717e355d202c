#!/usr/bin/env bash
# A page sends JSON, is answered after half a second with a new cookie, and then sends a form. What do HAR
# recorders for browsers, which all listen to the same browser's protocol, write about it?
#
# Versions: pinned below; Node 20, and the system's Chromium (156).
# Seen:     the table at the end. "size" is content.size of an answer of 15 bytes, 13 characters. "JSON" and "form"
#           are what there is of postData: text, params, or of {"input":[{"id":1}],"none":[]} the params, written
#           as JSON. "cookie" is the form's, "set-cookie" the answer's header. "started" says whether
#           startedDateTime is the moment of the request or of the answer by the server's clock.
# Surprise: puppeteer-har's size is that in bytes plus that in characters. It keeps a JSON body as params only, as
#           if it were a form: a list of one is its only item, an empty list is gone. The cookies of both directions
#           are neither in its headers nor in its cookies. A validator finds nothing wrong with the file.
#           har-recorder writes no time, and as the start the moment of the answer; it has the cookie that is sent
#           and not the one that is set.
# Meaning:  a valid HAR need not be a faithful one. Bodies made of params and missing cookies say nothing of the
#           client, a size nothing of the text, and a start nothing of the order if there is no time beside it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export TMPDIR="$work"
CHROMIUM=$(command -v chromium) || { echo "needs chromium" >&2; exit 2; }
export CHROMIUM

npm=(@themarkup/puppeteer-har@0.2.1 chrome-har@1.3.1 puppeteer-core@24.43.1 har-recorder@0.0.1 playwright-core@1.65.1
  har-validator@5.1.5)
echo "Node $(node --version), $(chromium --version 2>/dev/null), ${npm[*]}"
timeout 180 npm install --no-audit --no-fund --ignore-scripts --silent "${npm[@]}"

cat >run.mjs <<'JS'
import http from "node:http";
import { readFileSync } from "node:fs";
import { captureNetwork } from "@themarkup/puppeteer-har";
import HarRecorder from "har-recorder";
import validator from "har-validator";
import { chromium } from "playwright-core";
import puppeteer from "puppeteer-core";

const browser = { executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] };
const json = '{"input":[{"id":1}],"none":[]}';
const form = "grant_type=refresh_token&refresh_token=first";
const answer = '{"name":"éé"}';
const clock = {};
const received = {};

const server = http.createServer(async (request, response) => {
  const began = Date.now();
  let body = "";
  for await (const part of request) body += part;
  received[request.url] = { body, cookie: request.headers.cookie };
  if (request.url === "/") {
    const page = '<!doctype html><link rel="icon" href="data:,"><title>page</title>';
    response.writeHead(200, { "content-type": "text/html" }).end(page);
    return;
  }
  if (request.url === "/json") {
    await new Promise((done) => setTimeout(done, 500));
    response.setHeader("set-cookie", "session=first; HttpOnly");
  }
  clock[request.url] = [began, Date.now()];
  response.writeHead(200, { "content-type": "application/json" }).end(answer);
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const base = `http://127.0.0.1:${server.address().port}`;

/** Runs in the page. */
async function flow([json, form]) {
  const send = async (path, type, body) => {
    const answer = await fetch(path, { method: "POST", headers: { "content-type": type }, body });
    await answer.text();
  };
  await send("/json", "application/json", json);
  await send("/form", "application/x-www-form-urlencoded", form);
}

async function withPuppeteer(record) {
  const opened = await puppeteer.launch(browser);
  try {
    return await record(await opened.newPage(), Number(new URL(opened.wsEndpoint()).port));
  } finally {
    await opened.close();
  }
}
const recorders = {
  "puppeteer-har": () => withPuppeteer(async (page) => {
    const end = await captureNetwork(page, { saveResponses: true });
    await page.goto(base);
    await page.evaluate(flow, [json, form]);
    return end();
  }),
  "har-recorder": () => withPuppeteer(async (page, port) => {
    await page.goto(base);
    const { startRecording, endRecording } = HarRecorder();
    const target = (targets) => targets.find(({ type, url }) => type === "page" && url.startsWith(base));
    await startRecording({ port, target });
    await page.evaluate(flow, [json, form]);
    endRecording("recorded.har");
    return JSON.parse(readFileSync("recorded.har", "utf8"));
  }),
  Playwright: async () => {
    const opened = await chromium.launch(browser);
    const context = await opened.newContext({ recordHar: { path: "recorded.har", content: "embed" } });
    const page = await context.newPage();
    await page.goto(base);
    await page.evaluate(flow, [json, form]);
    await context.close();
    await opened.close();
    return JSON.parse(readFileSync("recorded.har", "utf8"));
  },
};

function body({ postData }, sent) {
  const kept = [];
  if (postData?.text === sent) kept.push("text");
  if (postData?.params?.length) {
    const members = Object.fromEntries(postData.params.map(({ name, value }) => [name, value]));
    kept.push(sent === json ? JSON.stringify(members) : "params");
  }
  return kept.join(", ");
}
function cookie({ headers, cookies = [] }, name) {
  return headers.some((header) => header.name.toLowerCase() === name) || cookies.length > 0 ? "kept" : "left out";
}
function start({ startedDateTime }) {
  const [request, end] = clock["/json"].map((moment) => Math.abs(new Date(startedDateTime) - moment));
  return request < end ? "request" : "answer";
}

const row = (...cells) => console.log(cells.map((cell, column) => cell.padEnd(widths[column])).join("").trimEnd());
const widths = [15, 6, 20, 14, 10, 12, 6, 9, 0];
row("recorder", "size", "JSON", "form", "cookie", "set-cookie", "time", "started", "valid HAR");
for (const [name, record] of Object.entries(recorders)) {
  const har = JSON.parse(JSON.stringify(await record()));
  // Whatever the recorder writes, this is what was sent.
  if (received["/json"].body !== json || received["/form"].body !== form) throw new Error("another body");
  if (received["/form"].cookie !== "session=first") throw new Error("another cookie");
  const of = (path) => har.log.entries.find(({ request }) => request.url === base + path);
  const [first, second] = [of("/json"), of("/form")];
  const valid = await validator.har(har).then(() => "yes", () => "no");
  row(
    name,
    String(first.response.content.text === answer ? first.response.content.size : "other text"),
    body(first.request, json),
    body(second.request, form),
    cookie(second.request, "cookie"),
    cookie(first.response, "set-cookie"),
    first.time > 450 ? "kept" : String(first.time ?? "none"),
    start(first),
    valid,
  );
}
process.exit();
JS

timeout 100 node run.mjs 2>warnings | tee seen

cat >expected <<'SEEN'
recorder       size  JSON                form          cookie    set-cookie  time  started  valid HAR
puppeteer-har  28    {"input":{"id":1}}  params        left out  left out    kept  request  yes
har-recorder   13    text                text          kept      left out    none  answer   no
Playwright     15    text                text, params  kept      kept        kept  request  yes
SEEN
diff -u expected seen || { cat warnings; echo "changed: the recorders no longer behave as recorded" >&2; exit 1; }
echo "as recorded"
