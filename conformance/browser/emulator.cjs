// What the emulator's page does in a browser: node emulator.cjs FOLDER BASE_URL [NAME], with an emulator that runs
// there by its defaults. Pictures of the page are left in the folder.
"use strict";

const assert = require("node:assert/strict");
const http = require("node:http");
const path = require("node:path");
const { chromium } = require("playwright-core");
const { launch, open, main, faults, eachText } = require("./page.cjs");

const folder = path.resolve(process.argv[2]);
const base = process.argv[3];
const [marketo, jooto] = [`${base}/marketo`, `${base}/jooto`];
const wide = { width: 1400, height: 1000 };
const narrow = { width: 400, height: 860 };

const look = (browser, size = wide, options = {}) => open(browser, `${base}/`, size, { own: `${base}/`, ...options });
const control = (name) => fetch(`${base}/__control/${name}`, { method: "POST" });
const grant = new URLSearchParams({ grant_type: "client_credentials", client_id: "marketo-client", client_secret: "CANARY-marketo-secret" });
const token = async () => (await (await fetch(`${marketo}/identity/oauth/token?${grant}`)).json()).access_token;
const call = async (bearer) => (await fetch(`${marketo}/rest/v1/leads.json`, { headers: { authorization: `Bearer ${bearer}` } })).json();
const organizations = () => fetch(`${jooto}/organizations`, { headers: { "x-jooto-api-key": "hogehoge" } });
const form = (page, name) => page.locator(`form[action="/__control/${name}"]`);
const row = (page, text) => page.locator("#log tr", { hasText: text }).first();

// A page of another site, which does what it can to the emulator and then says so.
const elsewhere = async (use) => {
  const attack = `<!doctype html><title>elsewhere</title><script type="module">
    const tried = [];
    for (const name of ["reset", "advance?seconds=7777", "log/clear"]) {
      tried.push(fetch("${base}/__control/" + name, { method: "POST", mode: "no-cors" }), fetch("${base}/__control/" + name, { method: "POST" }));
    }
    tried.push(fetch("${base}/__control/log").then((answer) => answer.text()).then((text) => { document.title = text; }));
    await Promise.allSettled(tried);
    document.body.append("done");
  </script>
  <form method="post" action="${base}/__control/reset"><button>press</button></form>`;
  const server = http.createServer((_, answer) => answer.setHeader("content-type", "text/html").end(attack));
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  try {
    await use(server.address().port);
  } finally {
    server.close();
  }
};

const tests = {
  async "the page says what is served and under which addresses"(browser) {
    const page = await look(browser);
    assert.equal(await page.locator("h1").innerText(), base);
    assert.equal(await page.locator("section[aria-labelledby=served] article").count(), 3);
    const text = await page.locator("main").innerText();
    for (const part of [marketo, jooto, `${base}/fujitsu-aispf`, "marketo-client-2", "http://127.0.0.1:8400/callback"]) assert.ok(text.includes(part), part);
  },

  async "a request appears as it comes, and none of its credentials"(browser) {
    const page = await look(browser);
    const bearer = await token();
    assert.equal((await call(bearer)).success, true);
    await fetch(`${base}/fujitsu-aispf/v1/tokens`, { method: "POST", headers: { "content-type": "application/json" }, body: '{"clientId":"aispf-client","clientSecret":"CANARY-of-a-person"}' });
    await organizations();
    await fetch(`${jooto}/organizations/${bearer}`, { headers: { "x-jooto-api-key": "CANARY-other" } });
    await row(page, "/organizations/…").waitFor();
    assert.match(await row(page, "/identity/oauth/token").innerText(), /marketo\s+GET \/identity\/oauth\/token\?grant_type=client_credentials&client_id=…&client_secret=…\s+client_secret\s+200/);
    assert.match(await row(page, "/rest/v1/leads.json").innerText(), /GET \/rest\/v1\/leads.json\s+Bearer\s+200/);
    assert.match(await row(page, "/v1/tokens").innerText(), /POST \/v1\/tokens\s+clientSecret\s+401/);
    assert.match(await row(page, "/organizations/…").innerText(), /x-jooto-api-key\s+401/);
    const content = await page.content();
    for (const secret of ["CANARY", "hogehoge", bearer]) assert.ok(!content.includes(secret), `${secret} is on the page`);
    const numbers = (await page.locator("#log tr td:first-child").allInnerTexts()).map(Number);
    assert.deepEqual(numbers, numbers.toSorted((a, b) => b - a), "the newest first");
    assert.match(await page.locator("[data-live=counts-marketo]").innerText(), /1 token requests, 1 calls/);
  },

  async "advancing the clock lets a token expire"(browser) {
    const page = await look(browser);
    const bearer = await token();
    await form(page, "advance").getByRole("button", { name: "1 hour" }).click();
    await form(page, "advance").locator("output", { hasText: "advanced seconds: 3600" }).waitFor();
    assert.equal((await call(bearer)).errors[0].code, "602");
    await row(page, "602").waitFor();
    assert.ok(await row(page, "602").locator(".status.bad").isVisible(), "a refusal, whatever its status");
    assert.match(await page.locator("[data-live=clock]").innerText(), /3600 s ahead/);
    await form(page, "advance").getByLabel("seconds").fill("60");
    await page.keyboard.press("Enter");
    await page.locator("[data-live=clock]", { hasText: "3660 s ahead" }).waitFor();
  },

  async "a queued fault meets the next request"(browser) {
    const page = await look(browser);
    const fault = form(page, "fault");
    await fault.getByLabel("provider").selectOption("jooto");
    await fault.getByLabel("endpoint").selectOption("resource");
    await fault.getByLabel("status").fill("503");
    await fault.getByLabel("retry after").fill("7");
    await fault.getByRole("button").click();
    await fault.locator("output", { hasText: "Done" }).waitFor();
    const answer = await organizations();
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.get("retry-after"), "7");
    assert.equal((await organizations()).status, 200);
    assert.match(await row(page, "503").innerText(), /jooto\s+GET \/organizations/);
    await fault.getByLabel("status").fill("");
    await fault.getByLabel("retry after").fill("");
    await fault.getByLabel("content type").fill("text/plain");
    await fault.getByLabel("text of the body").fill("café & <b>");
    await fault.getByRole("button").click();
    await fault.locator("output", { hasText: "Done" }).waitFor();
    assert.equal(await (await organizations()).text(), "café & <b>");
  },

  async "a refusal and a revoked key are two clicks away"(browser) {
    const page = await look(browser);
    const refusal = form(page, "refuse-next");
    await refusal.getByLabel("provider").selectOption("marketo");
    await refusal.getByLabel("code").fill("601");
    await refusal.getByRole("button").click();
    await refusal.locator("output", { hasText: "Done" }).waitFor();
    assert.equal((await call(await token())).errors[0].code, "601");
    const revoke = form(page, "revoke-key");
    await revoke.getByLabel("provider").selectOption("jooto");
    await revoke.getByLabel("key").fill("hogehoge");
    await revoke.getByRole("button").click();
    await revoke.locator("output", { hasText: "revoked: true" }).waitFor();
    assert.equal((await organizations()).status, 401);
    await page.getByRole("button", { name: "Reset everything" }).click();
    await page.locator("output", { hasText: "reset: true" }).waitFor();
    assert.equal((await organizations()).status, 200);
  },

  async "a rule that is added is named at the call that it answers"(browser) {
    const page = await look(browser);
    const rule = form(page, "answers");
    await rule.getByLabel("provider").selectOption("jooto");
    await rule.getByLabel("Rule").fill('{"path": "/organizations", "name": "of the test", "status": 404}');
    await rule.getByRole("button").click();
    await rule.locator("output", { hasText: "Done" }).waitFor();
    assert.equal((await organizations()).status, 404);
    await row(page, "of the test").waitFor();
    assert.match(await row(page, "of the test").innerText(), /GET \/organizations\s+x-jooto-api-key\s+404/);
  },

  async "a held request is seen waiting, and its answer after the release"(browser) {
    const page = await look(browser);
    await form(page, "hold").getByRole("button").click();
    await form(page, "hold").locator("output", { hasText: "Done" }).waitFor();
    const held = token();
    await row(page, "waits").waitFor();
    await page.locator("[data-live=counts-marketo]", { hasText: "1 held" }).waitFor();
    await form(page, "release").getByRole("button").click();
    await held;
    await row(page, "200").waitFor();
    assert.equal(await page.locator("#log tr").count(), 1);
  },

  async "a control that cannot be carried out says why"(browser) {
    const page = await look(browser, wide, { refused: /status of 400/ });
    await form(page, "refuse-next").getByLabel("code").fill("7");
    await form(page, "refuse-next").getByRole("button").click();
    const said = form(page, "refuse-next").locator("output.bad", { hasText: "use 400 to 599" });
    await said.waitFor();
    await form(page, "advance").getByLabel("seconds").fill("soon");
    await form(page, "advance").getByRole("button", { name: "Advance" }).click();
    assert.ok(await form(page, "advance").getByLabel("seconds").evaluate((input) => !input.validity.valid && input === document.activeElement));
    assert.equal(await form(page, "advance").locator("output").innerText(), "");
  },

  async "credentials are shown when they are asked for, and hidden again"(browser) {
    const page = await look(browser);
    const button = page.getByRole("button", { name: "Show credentials" });
    await button.click();
    await page.locator("code", { hasText: /^CANARY-jooto-secret$/ }).waitFor();
    assert.equal(await button.getAttribute("aria-pressed"), "true");
    const of = (name) => page.locator("dt", { hasText: name }).first().locator("xpath=following-sibling::dd[1]").innerText();
    assert.equal(await of("marketo-client"), "CANARY-marketo-secret");
    await button.click();
    await page.locator("code", { hasText: /^CANARY/ }).first().waitFor({ state: "detached" });
    assert.ok(!(await page.content()).includes("CANARY"));
  },

  async "while it is paused it stays as it is"(browser) {
    const page = await look(browser);
    await page.getByRole("button", { name: "Pause" }).click();
    await page.locator("#state", { hasText: "Paused" }).waitFor();
    await organizations();
    await new Promise((passed) => setTimeout(passed, 2500));
    assert.equal(await page.locator("#log tr").count(), 0);
    await page.getByRole("button", { name: "Pause" }).click();
    await row(page, "/organizations").waitFor();
    await page.getByRole("button", { name: "Clear" }).click();
    await row(page, "/organizations").waitFor({ state: "detached" });
  },

  async "what has not changed is not touched"(browser) {
    await organizations();
    const page = await look(browser);
    await row(page, "/organizations").evaluate((one) => { one.dataset.mark = "of the test"; });
    await token();
    await row(page, "/identity").waitFor();
    // That mark makes it another row than the one of the page; all others are the same nodes.
    await page.locator("#log tr").first().evaluate((one) => { globalThis.kept = one; });
    await organizations();
    await page.locator("#log tr:nth-child(3)").waitFor();
    assert.ok(await page.evaluate(() => document.contains(globalThis.kept)));
  },

  async "the page of another site changes and reads nothing"(browser) {
    await organizations();
    await elsewhere(async (port) => {
      for (const host of ["localhost", "127.0.0.1"]) {
        const page = await (await browser.newContext()).newPage();
        await page.goto(`http://${host}:${port}/`);
        await page.getByText("done").waitFor();
        assert.equal(await page.title(), "elsewhere");
        const [answer] = await Promise.all([page.waitForResponse(`${base}/__control/reset`), page.getByRole("button").click()]);
        assert.equal(answer.status(), 403);
      }
    });
    const page = await look(browser);
    assert.equal(await page.locator("#log tr").count(), 1, "the log is as it was");
    assert.doesNotMatch(await page.locator("[data-live=clock]").innerText(), /ahead/);
  },

  async "a name that is made to point here afterwards opens nothing"() {
    const rebound = await chromium.launch({ ...launch, args: [...launch.args, "--host-resolver-rules=MAP attacker.example 127.0.0.1"] });
    try {
      const page = await rebound.newPage();
      const port = new URL(base).port;
      for (const place of ["", "__control/log", "__page/credentials"]) {
        const answer = await page.goto(`http://attacker.example:${port}/${place}`);
        assert.equal(answer.status(), 403, place);
        assert.match(await answer.text(), /Host of this request is not this machine/);
      }
      const status = await page.evaluate(async () => (await fetch("/__control/advance?seconds=9", { method: "POST" })).status);
      assert.equal(status, 403);
    } finally {
      await rebound.close();
    }
  },

  async "the controls can be used by keyboard, and the focus is seen"(browser) {
    const page = await look(browser);
    const seen = new Set();
    for (let step = 0; step < 120; step += 1) {
      await page.keyboard.press("Tab");
      const { name, outline } = await page.evaluate(() => {
        const one = document.activeElement, style = getComputedStyle(one);
        return { name: one.id || one.textContent.trim(), outline: one === document.body || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) };
      });
      assert.ok(outline, `the focus on ${name} is seen`);
      seen.add(name);
    }
    for (const name of ["To the controls", "reveal", "advance-seconds", "1 hour", "fault-provider", "Queue fault", "refuse-next-keep_token", "pause", "whole log"]) assert.ok(seen.has(name), name);
  },

  async "without scripts it is a summary, and shows no button that does nothing"(browser) {
    await organizations();
    const page = await look(browser, wide, { scripts: false });
    assert.match(await row(page, "/organizations").innerText(), /200/);
    assert.equal(await page.locator("button:visible, input:visible, select:visible").count(), 0);
    assert.match(await page.locator("body").innerText(), /Without scripts this is a summary/);
    assert.match(await page.locator("details pre").textContent(), /POST \/__control\/advance seconds\n/);
  },

  async "every text has contrast enough, in every colour scheme"(browser) {
    await organizations();
    await call("none");
    await fetch(`${jooto}/organizations`);
    for (const scheme of ["light", "dark"]) {
      for (const [name, size] of Object.entries({ wide, narrow })) {
        const page = await look(browser, size, { scheme });
        await page.locator("details").evaluate((fold) => { fold.open = true; });
        const { count, low } = await page.evaluate(eachText);
        assert.ok(count > 100, `${count} texts`);
        assert.deepEqual(low, [], `${scheme} ${name}: below 4.5`);
        await page.locator("details").evaluate((fold) => { fold.open = false; });
        await page.screenshot({ path: path.join(folder, `emulator-${name}-${scheme}.png`), fullPage: true });
      }
    }
  },

  async "nothing is wider than the screen"(browser) {
    await token();
    await fetch(`${base}/nowhere/${"a".repeat(40)}/${"b".repeat(40)}/${"c".repeat(40)}`);
    for (const width of [320, 400, 768, 1400, 1920]) {
      const page = await look(browser, { width, height: 900 });
      await page.locator("details").evaluate((fold) => { fold.open = true; });
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `${width} pixels: ${over} too wide`);
    }
  },

  async "axe finds nothing to fix"(browser) {
    await organizations();
    for (const [size, scheme] of [[wide, "light"], [wide, "dark"], [narrow, "light"], [narrow, "dark"]]) {
      const page = await look(browser, size, { scheme, foreign: true });
      assert.deepEqual(await faults(page), [], `${size.width} ${scheme}`);
    }
  },
};

// Each begins with an emulator as at its start.
const afresh = (test) => async (browser) => {
  await control("reset");
  await test(browser);
};

main(Object.fromEntries(Object.entries(tests).map(([name, test]) => [name, afresh(test)])), folder, process.argv[4]);
