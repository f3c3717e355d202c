// Judges the recordings of one tool: node check.mjs PROGRAM FOLDER.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename } from "node:path";

import { mistakes, secrets } from "./flow.mjs";

const [program, folder] = process.argv.slice(2);
const base = readFileSync(`${folder}/base`, "utf8");
const servers = {
  auth: "fujitsu-aispf",
  services: "fujitsu-aispf",
  oauth: "jooto",
  api: "jooto",
  identity: "marketo",
  rest: "marketo",
};
const bases = Object.entries(servers).flatMap(([server, path]) => ["--base", `${server}=${base}/${path}`]);

let wrong = 0;
check("right", undefined);
for (const [mistake, expected] of Object.entries(mistakes)) check(`wrong-${mistake}`, expected);
process.exit(wrong > 0 ? 1 : 0);

function check(name, expected) {
  const json = `${folder}/${name}.json`;
  const options = ["judge", `${folder}/${name}.har`, ...bases, "--json", json];
  const judged = spawnSync(program, options, { encoding: "utf8" });
  const recording = `${basename(folder)}: ${name}.har`;
  if (judged.status > 1) return report(`${recording} cannot be judged: ${judged.stderr}`);
  const text = readFileSync(json, "utf8");
  if (secrets.some((secret) => text.includes(secret))) return report(`${recording}: a credential stands in the report`);
  const cases = JSON.parse(text).cases;
  const passed = cases.filter((one) => one.verdict === "pass").map((one) => one.id);
  const failed = cases.filter((one) => ["fail", "warn", "info"].includes(one.verdict)).map((one) => one.id);
  if (!expected) {
    // What the flow is made of must have been judged: a recording in which nothing is seen fails nothing either.
    const unseen = Object.values(mistakes).filter((id) => !passed.includes(id));
    if (failed.length > 0) return report(`${recording}: fails ${failed.join(", ")}, but the client is right`);
    if (unseen.length > 0) return report(`${recording}: ${unseen.join(", ")} did not pass, but took place`);
  } else if (!failed.includes(expected)) {
    return report(`${recording}: ${expected} does not fail; what does: ${failed.join(", ") || "nothing"}`);
  }
  console.log(`${recording}: as expected, ${passed.length} passed, ${failed.length} failed`);
}

function report(problem) {
  console.error(problem);
  wrong += 1;
}
