// node-fetch-har: the recorder is a function round `fetch` that adds an entry for each answer.
import fetch from "node-fetch";
import { createRequire } from "node:module";
import { writeFileSync } from "node:fs";

// It is written for `require`.
const { withHar, createHarLog } = createRequire(import.meta.url)("node-fetch-har");

export async function open() {
  const begin = (file) => {
    const har = createHarLog();
    const recorded = withHar(fetch, { har });
    const ask = (url, more) => recorded(url, { redirect: "manual", ...more });
    return {
      send: async ({ url, ...more }) => {
        const answer = await ask(url, more);
        return { status: answer.status, text: await answer.text() };
      },
      login: async (url) => (await ask(url)).headers.get("location"),
      save: () => writeFileSync(file, JSON.stringify(har)),
    };
  };
  return { begin, close: () => {} };
}
