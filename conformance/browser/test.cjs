// What the HTML report does in a browser: node test.cjs FOLDER [NAME], with the reports that `run` writes in the
// folder; of the tests those whose name contains NAME.
"use strict";

const assert = require("node:assert/strict");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { wide, narrow, open, main, faults, eachText, rows } = require("./page.cjs");

const folder = path.resolve(process.argv[2]);
const address = (name) => pathToFileURL(path.join(folder, name)).href;
const [passes, fails] = [address("passes.html"), address("fails.html")];
// A vendor that differs from its guide, one that refuses a key, one that was asked for a part; a recording, and one
// that hides credentials.
const [warns, refuses, partly, judged, hidden] = ["warns.html", "refuses.html", "partly.html", "judged.html", "hidden.html"].map(address);
const everything = [passes, fails, warns, refuses, partly, judged, hidden];
const CASE = "marketo.refused.602";

const tests = {
  async "the page says who was judged and the result"(browser) {
    const stamps = [[passes, "Conforms"], [fails, "Does not conform"], [warns, "Conforms"], [refuses, "Does not conform"], [judged, "Does not conform"], [hidden, "Not judged"]];
    for (const [file, stamp] of stamps) {
      const page = await open(browser, file, wide);
      assert.match(await page.locator(".stamp").innerText(), new RegExp(stamp, "i"));
      assert.equal(await page.locator("nav .tile").count(), 4);
    }
  },

  async "what failed stands there before anything is clicked"(browser) {
    const page = await open(browser, fails, wide);
    const card = page.locator("#failed .card", { hasText: CASE }).first();
    assert.match(await card.innerText(), /expected[^]*\[token-2\][^]*saw[^]*\[token-1\]/);
    const place = await card.boundingBox();
    const matrix = await page.locator("#matrix").boundingBox();
    assert.ok(place.y < matrix.y, "above the matrix");
  },

  async "a live report says what the vendor answered and what was not asked"(browser) {
    let page = await open(browser, warns, wide);
    assert.match(await page.locator(".sub").innerText(), /^endpoint · /);
    const card = page.locator("#warnings .card", { hasText: "fujitsu-aispf.endpoint.v2-no-body" });
    assert.match(await card.innerText(), /issue\.answer\.status\s+expected 200\s+saw 400/);
    await page.locator("[id='fujitsu-aispf.endpoint.v2-no-body'] td.warn").click();
    const exchange = await page.locator("#panel details.ex[open] pre.answer").innerText();
    assert.match(exchange, /^400[^]*"error": "invalid_request"/);
    page = await open(browser, partly, wide);
    assert.match(await page.locator(".notes").innerText(), /^\d of \d cases were not run/);
    await page.locator("#grid tr.na[id] th").first().click();
    assert.match(await page.locator("#panel").innerText(), /The budget of calls is used up/);
  },

  async "the report of a recording says where each case was seen and why others could not be judged"(browser) {
    const page = await open(browser, judged, wide);
    assert.match(await page.locator(".sub").innerText(), /^recording · /);
    const card = page.locator("#failed .card", { hasText: CASE }).first();
    const text = await card.innerText();
    assert.match(text, /log\.entries \d+(, \d+)+/);
    assert.match(text, /renew\.sent\s+expected a request\s+saw nothing was sent/);
    assert.match(text, /\d+ more checks failed because nothing was sent/);
    assert.doesNotMatch(text, /renew\.method/, "consequences of the first failure are not listed one by one");
    await page.locator(`[id="${CASE}"] td.fail`).first().click();
    const panel = page.locator("#panel");
    assert.match(await panel.innerText(), /In the recording\s+log\.entries/);
    const names = await panel.locator("details.ex summary b").allInnerTexts();
    assert.deepEqual(names, ["issue", "call", "again"], "each exchange has the name of the one that it stands for");
    const fold = panel.locator("summary", { hasText: "failed because nothing was sent" }).first();
    await fold.click();
    await page.locator("input[name=verdict][value=na]").check({ force: true });
    await page.locator("#find").fill("identity.survive");
    await page.locator("#grid tr.na:not([hidden]) th[role=rowheader]").first().click();
    assert.match(await panel.innerText(), /It asks what a client makes of an answer, which is in no recording\./);
  },

  async "what a recording hides stands beside the other outcomes, with the reason"(browser) {
    const page = await open(browser, hidden, wide);
    assert.match(await page.locator(".legend").innerText(), /0 fail\s+\?\s+[1-9]\d* not judged/);
    const card = page.locator("#unjudged .card", { hasText: "marketo.use.header" }).first();
    assert.match(await card.innerText(), /The recording does not show what it is about; not checked: call\.credential/);
    const cell = page.locator("[id='marketo.use.header'] td.unjudged");
    assert.equal(await cell.innerText(), "?", "shown by shape, not by colour alone");
    assert.match(await cell.getAttribute("aria-label"), /^credential: no check, \d+ not in the recording$/);
    await cell.click();
    const text = await page.locator("#panel").innerText();
    assert.match(text, /Not judged\s+The recording does not show/);
    assert.match(text, /Not in the recording\s+\?\s+call\.credential/);
    assert.doesNotMatch(text, /Not applicable/);
    assert.equal(await page.evaluate(() => location.hash), "#marketo.use.header/credential");
    await page.locator("input[name=verdict][value=unjudged]").check({ force: true });
    const shown = await rows(page);
    assert.ok(shown.includes("marketo.use.header") && !shown.includes("marketo.token.get"), shown.join(" "));
    for (const file of [passes, warns]) {
      const other = await open(browser, file, wide);
      assert.doesNotMatch(await other.locator(".legend").innerText(), /not judged/, "only a recording hides anything");
    }
  },

  async "the head of a column is one line, within its column"(browser) {
    for (const file of everything) {
      const page = await open(browser, file, wide);
      for (const width of [320, 375, 700, 768, 1024, 1180, 1232, 1233, 1280, 1400, 1440, 1920]) {
        await page.setViewportSize({ width, height: 900 });
        const broken = await page.evaluate(() => [...document.querySelectorAll("#grid thead th:not(.corner) span")].filter((span) => {
          const range = document.createRange();
          range.selectNodeContents(span);
          const text = range.getBoundingClientRect(), head = span.parentElement.getBoundingClientRect();
          const across = getComputedStyle(span).writingMode === "horizontal-tb";
          return range.getClientRects().length !== 1 || text.width > head.width + 0.5 || (!across && text.height > head.height + 0.5);
        }).map((span) => span.innerText));
        assert.deepEqual(broken, [], `${width} pixels ${file}`);
      }
    }
  },

  async "a click on a cell shows check, citation, exchange and mutants"(browser) {
    const page = await open(browser, fails, wide);
    const cell = page.locator(`[id="${CASE}"] td.fail`);
    assert.equal(await cell.innerText(), "✕", "shown by shape, not by colour alone");
    assert.match(await cell.getAttribute("aria-label"), /^credential: \d+ checks, 1 failed$/);
    await cell.click();
    const panel = page.locator("#panel");
    const text = await panel.innerText();
    assert.match(text, /again\.credential/);
    assert.match(text, /expected\s+authorization: Bearer \[token-2\]/);
    assert.match(text, /saw\s+authorization: Bearer \[token-1\]/);
    assert.match(text, /On either code the client calls identity to renew the token/);
    assert.match(text, /marketo\.ja, line 75 · documented · MK-renew-on-601-602/);
    const exchange = await panel.locator("details.ex[open] pre.request").innerText();
    assert.match(exchange, /^GET \/rest\/v1\/leads\/describe\.json\s+authorization: Bearer \[token-1\]/);
    assert.match(text, /Would it notice\? (\d+) of \1 mutants killed/i);
    assert.match(text, /killed by again\.credential/);
    assert.equal(await page.evaluate(() => location.hash), `#${CASE}/credential`);
    await panel.getByRole("button", { name: "outcome" }).click();
    assert.match(await panel.innerText(), /first\.outcome/);
    assert.ok(!(await panel.innerText()).includes("again.credential"), "only what the part is about");
  },

  async "the grid and the panel can be reached and left by keyboard"(browser) {
    const page = await open(browser, fails, wide);
    const focus = () => page.evaluate(() => {
      const one = document.activeElement, style = getComputedStyle(one);
      return { row: one.closest("tr")?.id, column: one.cellIndex, id: one.id, tag: one.tagName, outline: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2, opacity: style.opacity };
    });
    let seen = 0;
    for (; seen < 200 && !(await focus()).row; seen += 1) {
      await page.keyboard.press("Tab");
      const { tag, outline, opacity } = await focus();
      assert.ok(outline || opacity === "0", `the focus on ${tag} is seen`);
    }
    const first = await focus();
    assert.ok(first.row, "Tab comes to the grid");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    const next = await focus();
    assert.notEqual(next.row, first.row);
    assert.equal(next.column, 1);
    await page.keyboard.press("End");
    assert.equal((await focus()).column, await page.locator("#grid thead th").count() - 1);
    await page.keyboard.press("Control+End");
    const last = await focus();
    await page.keyboard.press("PageUp");
    assert.notEqual((await focus()).row, last.row);
    await page.keyboard.press("Control+Home");
    assert.deepEqual([(await focus()).row, (await focus()).column], [first.row, 0]);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    assert.equal((await focus()).id, "panel-title");
    await page.keyboard.press("Tab");
    assert.equal((await focus()).tag, "BUTTON", "the panel's buttons follow");
    await page.keyboard.press("Escape");
    assert.ok(await page.locator("#panel").isHidden());
    assert.deepEqual([(await focus()).row, (await focus()).column], [first.row, 1], "back where it came from");
    await page.keyboard.press("/");
    assert.equal((await focus()).id, "find");
  },

  async "while the panel is open, the arrows go through the cases"(browser) {
    const page = await open(browser, fails, wide);
    const cell = page.locator(`[id="${CASE}"] td.fail`);
    await cell.scrollIntoViewIfNeeded();
    const before = await cell.boundingBox();
    await cell.click();
    const after = await cell.boundingBox();
    assert.ok(Math.abs(after.y - before.y) < 2, `the cell stays where it was, at ${before.y}: ${after.y}`);
    for (const key of ["ArrowDown", "PageDown", "PageDown", "PageUp", "PageUp", "PageUp"]) {
      await page.keyboard.press(key);
      const shown = await page.locator("#panel .top .mono").innerText();
      assert.notEqual(shown, CASE);
      assert.ok((await page.evaluate(() => location.hash)).startsWith(`#${shown}`));
      const box = await page.locator(`[id="${shown}"]`).boundingBox();
      const head = await page.locator("#grid thead").boundingBox();
      assert.ok(box.y >= head.y + head.height - 1 && box.y + box.height <= wide.height, `${key}: the row is in view, at ${box.y}`);
    }
  },

  async "filters narrow the matrix down, and say so"(browser) {
    const page = await open(browser, fails, wide);
    const all = (await rows(page)).length;
    await page.locator("input[name=provider][value=jooto]").check({ force: true });
    const jooto = await rows(page);
    assert.ok(jooto.length > 0 && jooto.every((id) => id.startsWith("jooto.")));
    await page.locator("input[name=provider][value='']").check({ force: true });
    await page.locator("input[name=verdict][value=fail]").check({ force: true });
    const failed = await rows(page);
    assert.ok(failed.includes(CASE) && failed.length < all);
    assert.equal(await page.locator("#shown").innerText(), `${failed.length} of ${all} cases`);
    await page.locator("#find").fill("same-body");
    assert.deepEqual(await rows(page), ["marketo.refused.same-body"]);
    await page.locator("#find").fill("no such thing");
    assert.deepEqual(await rows(page), []);
    assert.ok(await page.locator("#empty").isVisible());
    await page.locator("#find").fill("");
    await page.locator("input[name=verdict][value='']").check({ force: true });
    assert.equal((await rows(page)).length, all);
    await page.locator("#find").fill("MK-renew-on-601-602");
    assert.ok((await rows(page)).includes(CASE), "citations are searched, too");
  },

  async "filters and keys work in the report of a vendor and of a recording"(browser) {
    for (const file of [warns, refuses, partly, judged, hidden]) {
      const page = await open(browser, file, wide);
      const all = await rows(page);
      const states = await page.evaluate(() => [...document.querySelectorAll("input[name=verdict]:not(:disabled)")].map((input) => input.value).filter(Boolean));
      let sum = 0;
      for (const state of states) {
        await page.locator(`input[name=verdict][value=${state}]`).check({ force: true });
        sum += (await rows(page)).length;
      }
      assert.equal(sum, all.length, "each case has one verdict");
      await page.locator("input[name=verdict][value='']").check({ force: true });
      await page.keyboard.press("/");
      await page.keyboard.type(all[all.length - 1]);
      assert.deepEqual(await rows(page), [all[all.length - 1]]);
      await page.locator("#find").fill("");
      await page.locator("#grid [tabindex='0']").focus();
      await page.keyboard.press("Control+End");
      await page.keyboard.press("Enter");
      assert.equal(await page.locator("#panel .top .mono").innerText(), all[all.length - 1]);
      await page.keyboard.press("Escape");
      assert.ok(await page.locator("#panel").isHidden());
    }
  },

  async "a link leads to a case, to one of its parts, and to a citation"(browser) {
    let page = await open(browser, fails, wide, { hash: `#${CASE}/credential` });
    assert.equal(await page.locator("#panel [aria-pressed=true]").innerText(), "credential");
    const box = await page.locator(`[id="${CASE}"]`).boundingBox();
    assert.ok(box.y >= 0 && box.y < wide.height, "the row is in view");
    page = await open(browser, fails, wide, { hash: `#${CASE}` });
    assert.equal(await page.locator("#panel [aria-pressed=true]").innerText(), "all");
    await page.locator("#panel .cites a").first().click();
    // A browser says a moment after a click that the address has changed: so these wait, and fail if nothing comes.
    const row = page.locator("#cite-MK-renew-on-601-602");
    await row.waitFor({ state: "visible" });
    assert.match(await row.innerText(), /broken/);
    await row.locator("a", { hasText: "marketo.refused.twice" }).click();
    await page.locator("#panel .top .mono", { hasText: "marketo.refused.twice" }).waitFor();
  },

  async "every colour scheme has contrast enough"(browser) {
    for (const scheme of ["light", "dark"]) {
      for (const file of everything) {
        const page = await open(browser, file, wide, { scheme, hash: `#${CASE}/credential` });
        await page.evaluate(() => document.querySelectorAll("details").forEach((fold) => { fold.open = true; }));
        const { count, low } = await page.evaluate(eachText);
        assert.ok(count > 500, `${count} texts`);
        assert.deepEqual(low, [], `${scheme} ${file}: below 4.5`);
      }
    }
  },

  async "nothing is wider than the screen"(browser) {
    for (const size of [narrow, { width: 320, height: 640 }, { width: 768, height: 900 }, wide, { width: 1920, height: 1080 }]) {
      for (const [file, hash] of [[fails, ""], [fails, `#${CASE}/credential`], [warns, ""], [partly, ""], [judged, `#${CASE}/credential`], [hidden, `#${CASE}`]]) {
        const page = await open(browser, file, size, { hash });
        await page.evaluate(() => document.querySelectorAll("details").forEach((fold) => { fold.open = true; }));
        const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(over <= 0, `${size.width} pixels ${file}${hash}: ${over} too wide`);
      }
    }
  },

  async "on a small screen the panel takes the screen and gives it back"(browser) {
    const page = await open(browser, fails, narrow);
    await page.locator(`[id="${CASE}"] td.fail`).click();
    const panel = page.locator("#panel");
    assert.equal(await panel.getAttribute("role"), "dialog");
    assert.ok(await page.evaluate(() => document.querySelector("#page").inert), "what lies behind cannot be reached");
    assert.equal(await page.evaluate(() => document.activeElement.id), "panel-title");
    await panel.getByRole("button", { name: "Close" }).click();
    assert.ok(!(await page.evaluate(() => document.querySelector("#page").inert)));
    assert.equal(await page.evaluate(() => document.activeElement.closest("tr").id), CASE);
  },

  async "nothing moves for those who do not want it"(browser) {
    for (const [motion, moves] of [["reduce", false], ["no-preference", true]]) {
      const page = await open(browser, fails, wide, { motion, hash: `#${CASE}` });
      const name = await page.evaluate(() => getComputedStyle(document.querySelector("#panel")).animationName);
      assert.equal(name !== "none", moves, motion);
    }
  },

  async "without scripts the tables are all there"(browser) {
    const page = await open(browser, fails, wide, { scripts: false });
    const text = await page.content();
    assert.ok(text.includes("Without scripts"));
    assert.ok(await page.locator(`[id="${CASE}"]`).isVisible());
    assert.ok(await page.locator("#failed .card").first().isVisible());
    assert.ok(await page.locator("#filters").isHidden(), "no filter that does nothing");
    assert.ok(await page.locator("#panel").isHidden());
  },

  async "on paper there is the report and no controls"(browser) {
    const page = await open(browser, fails, wide, { hash: `#${CASE}` });
    await page.emulateMedia({ media: "print" });
    assert.ok(await page.locator("#filters").isHidden());
    assert.ok(await page.locator("#panel").isHidden());
    assert.ok(await page.locator("#failed .card").first().isVisible());
  },

  async "axe finds nothing to fix"(browser) {
    const looks = [[fails, wide, "light", ""], [fails, wide, "dark", `#${CASE}`], [fails, narrow, "light", `#${CASE}`], [partly, narrow, "dark", ""], [judged, wide, "light", `#${CASE}`], [hidden, wide, "light", `#${CASE}`], [hidden, narrow, "dark", ""]];
    for (const [file, size, scheme, hash] of looks) {
      const page = await open(browser, file, size, { scheme, hash, motion: "reduce", foreign: true });
      const found = await faults(page);
      assert.deepEqual(found, [], `${file} ${size.width} ${scheme} ${hash}`);
    }
  },
};

main(tests, folder, process.argv[3]);
