// Opens a page as a person does, with what the browser of this user trusts, and waits until its script has run:
// node visit.cjs URL
"use strict";

const { chromium } = require("playwright-core");
const { launch } = require("./page.cjs");

const main = async () => {
  const browser = await chromium.launch(launch);
  try {
    const page = await browser.newPage();
    await page.goto(process.argv[2]);
    await page.waitForSelector(".with-scripts #log", { state: "attached", timeout: 10_000 });
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
  await browser.close();
};

main();
