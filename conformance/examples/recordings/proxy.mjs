// mitmproxy: a proxy between any client and the servers. Each recording is written when its proxy ends.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { basename } from "node:path";
import { createInterface } from "node:readline";

const listens = /listening at .*:(\d+)/;

export function open({ folder, files }) {
  // They take seconds to start, so they start together.
  const proxies = new Map(files.map((file) => [file, start(file, folder)]));
  const begin = async (file) => {
    const { proxy, listening } = proxies.get(file);
    const port = await listening;
    return {
      send: (asked) => through(port, asked),
      login: async (url) => (await through(port, { method: "GET", url, headers: {} })).location,
      save: async () => {
        proxy.kill("SIGINT");
        await once(proxy, "exit");
      },
    };
  };
  return { begin, close: () => {} };
}

function start(file, folder) {
  // Each makes a certificate authority in a folder of its own.
  const own = `${folder}/mitmproxy/${basename(file, ".har")}`;
  const set = [`hardump=${file}`, "listen_host=127.0.0.1", "listen_port=0", `confdir=${own}`];
  const options = set.flatMap((option) => ["--set", option]);
  const proxy = spawn("mitmdump", options, { stdio: ["ignore", "pipe", "inherit"] });
  process.on("exit", () => proxy.kill());
  const listening = listeningPort(proxy);
  // A failure is seen when the port is asked for, which may be later.
  listening.catch(() => {});
  return { proxy, listening };
}

async function listeningPort(proxy) {
  for await (const line of createInterface(proxy.stdout)) {
    const found = listens.exec(line);
    if (found) {
      proxy.stdout.resume();
      return Number(found[1]);
    }
  }
  throw new Error("mitmdump ended before it listened");
}

/** Sends a request as clients do to a proxy: with the whole URL in the request line. */
async function through(port, { method, url, headers, body }) {
  const { host } = new URL(url);
  const named = { Host: host, ...headers };
  // Without an agent the connection is closed: one that is open when mitmdump ends is an error to it.
  const asked = request({ host: "127.0.0.1", port, method, path: url, headers: named, agent: false });
  asked.end(body);
  const [answer] = await once(asked, "response");
  let text = "";
  for await (const part of answer.setEncoding("utf8")) text += part;
  return { status: answer.statusCode, location: answer.headers.location, text };
}
