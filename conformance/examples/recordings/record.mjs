// Records the flow with one tool: node record.mjs TOOL PROGRAM FOLDER. The file `base` then says where the
// emulator was.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createInterface } from "node:readline";

import { flow, mistakes } from "./flow.mjs";

const [tool, program, folder] = process.argv.slice(2);
const { open } = await import(`./${tool}.mjs`);

const callback = createServer((_, answer) => answer.end("you may close this window"));
callback.listen(0, "127.0.0.1");
await once(callback, "listening");
const callbackUrl = `http://127.0.0.1:${callback.address().port}/callback`;

const config = `${folder}/emulator.toml`;
writeFileSync(config, `[[jooto.clients]]
id = "jooto-client"
secret = "CANARY-jooto-secret"
redirect_uris = ["${callbackUrl}"]
organization_ids = [1]
`);
const emulator = spawn(program, ["serve", "--config", config], { stdio: ["ignore", "pipe", "inherit"] });
process.on("exit", () => emulator.kill());
// Where time is up, what was started here ends as well.
process.on("SIGTERM", () => process.exit(1));
const [line] = await once(createInterface(emulator.stdout), "line");
const base = JSON.parse(line).base_url;

const control = async (path) => {
  const answer = await fetch(`${base}${path}`, { method: "POST" });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
};
const servers = {
  aispf: `${base}/fujitsu-aispf`,
  jooto: `${base}/jooto`,
  marketo: `${base}/marketo`,
  callback: callbackUrl,
};

const file = (mistake) => `${folder}/${mistake ? `wrong-${mistake}` : "right"}.har`;
const flows = [undefined, ...Object.keys(mistakes)];
const recorder = await open({ base, folder, files: flows.map(file) });
for (const mistake of flows) {
  await control("/__control/reset");
  const session = await recorder.begin(file(mistake));
  await flow({ ...session, control }, servers, mistake);
  await session.save();
}
await recorder.close();
writeFileSync(`${folder}/base`, base);
process.exit(0);
