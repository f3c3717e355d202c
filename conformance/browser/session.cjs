// A recording that a browser's own tool made: node session.cjs MARKETO_URL CONTROL_URL FILE.har
//
// A client asks identity for a token and uses it; when it is refused, it sends the same token once more.
"use strict";

const { chromium } = require("playwright-core");
const { launch } = require("./page.cjs");

const [marketo, controls, file] = process.argv.slice(2);

const main = async () => {
  const browser = await chromium.launch(launch);
  const context = await browser.newContext({ recordHar: { path: file, content: "embed" } });
  // The credentials of the emulator, which are canaries.
  const identity = new URLSearchParams({ grant_type: "client_credentials", client_id: "marketo-client", client_secret: "CANARY-marketo-secret" });
  const page = await context.newPage();
  const issued = await page.goto(`${marketo}/identity/oauth/token?${identity}`);
  const { access_token: token } = await issued.json();
  const ask = (address, options) => page.evaluate(async (given) => (await fetch(...given)).text(), [address, options]);
  const call = () => ask(`${marketo}/rest/v1/leads/describe.json`, { headers: { authorization: `Bearer ${token}` }, referrerPolicy: "no-referrer" });
  await call();
  await ask(`${controls}/expire`, { method: "POST" });
  await call();
  await call();
  await context.close();
  await browser.close();
};

main();
