// Opening a page so that nothing goes unnoticed, and reading it; and the way that tests of pages are run.
"use strict";

const assert = require("node:assert/strict");
const path = require("node:path");
const { chromium } = require("playwright-core");

// How a browser is started: without a sandbox, which containers do not have, and without network requests of its own.
exports.launch = {
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
};

exports.wide = { width: 1440, height: 1000 };
exports.narrow = { width: 375, height: 812 };

// What the pages of the current test did that no page may do.
exports.problems = [];

// A page on which an error, a warning on the console or a request to anywhere fails the test. `foreign` lets a
// script of the test into it, past the page's own policy; `own` is where the page may ask for more, and of what
// `refused` matches the console may speak.
exports.open = async (browser, address, size, { hash = "", scheme = "light", motion = "no-preference", scripts = true, foreign = false, own = null, refused = null } = {}) => {
  const context = await browser.newContext({ viewport: size, colorScheme: scheme, reducedMotion: motion, javaScriptEnabled: scripts, bypassCSP: foreign });
  const page = await context.newPage();
  const fail = (what) => exports.problems.push(what);
  page.on("console", (message) => {
    if (!refused || !refused.test(message.text())) fail(`the console says: ${message.type()} ${message.text()}`);
  });
  page.on("pageerror", (error) => fail(`the page throws: ${error.message}`));
  page.on("request", (request) => {
    const url = request.url();
    if (own && url.startsWith(own)) return;
    if (url !== address && !url.startsWith("data:") && url.split("#")[0] !== address) fail(`the page asks for ${url}`);
  });
  await page.goto(address + hash);
  assert.ok(await page.title(), "the page has a title");
  return page;
};

// The ids of the cases that are shown.
exports.rows = (page) => page.evaluate(() => [...document.querySelectorAll("#grid tr[id]")].filter((row) => row.checkVisibility()).map((row) => row.id));

// In the page: every text that is seen, and those whose contrast to what lies behind them is too low.
exports.eachText = () => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const colour = (css) => {
    if (!known.has(css)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = css;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      known.set(css, [r, g, b, a / 255]);
    }
    return known.get(css);
  };
  const over = (top, below) => top.slice(0, 3).map((part, at) => part * top[3] + below[at] * (1 - top[3]));
  const behind = (element) => {
    const layers = [];
    for (let one = element; one; one = one.parentElement) layers.push(colour(getComputedStyle(one).backgroundColor));
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const low = new Set();
  let count = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const unseen = !walker.currentNode.data.trim() || /^(SCRIPT|STYLE|NOSCRIPT)$/.test(element.tagName) || !element.checkVisibility({ opacityProperty: true });
    if (unseen) continue;
    count += 1;
    const back = behind(element);
    const fore = over(colour(getComputedStyle(element).color), back);
    const [a, b] = [light(fore), light(back)].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < 4.5) low.add(`${contrast.toFixed(2)} ${element.tagName}.${element.className} ${walker.currentNode.data.trim().slice(0, 30)}`);
  }
  return { count, low: [...low].slice(0, 20) };
};

// What axe finds on a page that was opened with `foreign`.
exports.faults = async (page) => {
  await page.addScriptTag({ path: require.resolve("axe-core") });
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
};

// Runs the tests whose name contains `wanted`. A picture of each that fails is left in the folder.
exports.main = async (tests, folder, wanted = "") => {
  const browser = await chromium.launch(exports.launch);
  const chosen = Object.entries(tests).filter(([name]) => name.includes(wanted));
  let failed = 0;
  for (const [name, test] of chosen) {
    try {
      await test(browser);
      assert.deepEqual(exports.problems, [], "what no page may do");
      process.stdout.write(`ok      ${name}\n`);
    } catch (error) {
      failed += 1;
      process.stdout.write(`FAILED  ${name}\n${error.message}\n`);
      const [context] = browser.contexts().slice(-1);
      const [page] = context ? context.pages().slice(-1) : [];
      if (page) await page.screenshot({ path: path.join(folder, `failed-${failed}.png`) }).catch(() => {});
    }
    for (const context of browser.contexts()) await context.close();
    exports.problems.length = 0;
  }
  await browser.close();
  process.stdout.write(`${chosen.length - failed} of ${chosen.length} passed\n`);
  process.exitCode = failed || chosen.length === 0 ? 1 : 0;
};
