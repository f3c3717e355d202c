// Playwright: `recordHar` of a browser context. The requests are those of a page.
import { chromium } from "playwright-core";

export async function open({ base }) {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  const begin = async (file) => {
    const context = await browser.newContext({ recordHar: { path: file, content: "embed" } });
    const page = await context.newPage();
    // A page of the same origin may ask without preflights.
    await page.goto(base);
    return {
      send: ({ url, ...more }) =>
        page.evaluate(async ([address, init]) => {
          const answer = await fetch(address, init);
          return { status: answer.status, text: await answer.text() };
        }, [url, more]),
      login: async (url) => {
        const callback = (await page.goto(url)).url();
        await page.goto(base);
        return callback;
      },
      // The file is written when the context ends.
      save: () => context.close(),
    };
  };
  return { begin, close: () => browser.close() };
}
