#!/usr/bin/env bash
# Which names of this machine are asked of the DNS server, and what if it answers with another address?
#
# Versions: glibc as installed (seen with 2.36; 2.28 or newer), c-ares as pycares 5.0.1 carries it; Python
#           3.11. In namespaces of its own, with "hosts: files dns", a hosts file with localhost, and a DNS
#           server on loopback that answers every name with 127.0.0.9.
# Seen:     the table at the end.
# Surprise: RFC 6761 (6.3) says that resolvers keep localhost. and all below it to themselves; glibc asks DNS
#           for app.localhost, and even for localhost with a dot at its end, though the hosts file has
#           localhost. c-ares knows app.localhost, but not the dot. Only the spelling of the hosts file is
#           safe in both.
# Meaning:  "the host is localhost, so plain http stays on this machine" is wrong for all names but that one:
#           whatever DNS answers gets the credential. A client has to resolve such names itself, or take
#           addresses only.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

if [ "$(uname -s)" != Linux ] || ! getconf GNU_LIBC_VERSION >/dev/null 2>&1; then
  echo "this needs Linux with glibc" >&2
  exit 1
fi
spaces=(unshare --user --map-root-user --mount --net)
"${spaces[@]}" true || { echo "this needs unshare and the right to make user namespaces" >&2; exit 1; }
echo "$(getconf GNU_LIBC_VERSION), $(python3 --version), pycares==5.0.1"
python3 -m venv venv
timeout 180 venv/bin/pip install -q pycares==5.0.1

cat >server.py <<'PY'
"""Brings up loopback, then answers each question for an IPv4 address with 127.0.0.9 and notes the name."""
import fcntl
import socket
import struct

UP_AND_RUNNING = struct.pack("16sh", b"lo", 0x41)
SIOCSIFFLAGS = 0x8914

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
fcntl.ioctl(server, SIOCSIFFLAGS, UP_AND_RUNNING)
server.bind(("127.0.0.1", 53))
open("ready", "w").close()
while True:
    question, sender = server.recvfrom(512)
    end = question.index(0, 12) + 5
    with open("asked", "a") as asked:
        asked.write("x")
    flags, count = b"\x81\x80", question[4:6]
    answer = question[:2] + flags + count + b"\0\1\0\0\0\0" + question[12:end]
    address = b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4" + bytes([127, 0, 0, 9])
    server.sendto(answer + address, sender)
PY

cat >run.py <<'PY'
import os
import socket
import time

import pycares


def glibc(name):
    return socket.getaddrinfo(name, 80, socket.AF_INET)[0][4][0]


def c_ares(name):
    done = []
    channel = pycares.Channel(timeout=3, tries=1)
    channel.getaddrinfo(name, 80, family=socket.AF_INET, callback=lambda *result: done.append(result))
    end = time.monotonic() + 10
    while not done and time.monotonic() < end:
        time.sleep(0.02)
    return done[0][0].nodes[0].addr[0].decode()


def asked():
    return os.path.getsize("asked") if os.path.exists("asked") else 0


for name in ("localhost", "LOCALHOST", "localhost.", "app.localhost"):
    row = f"{name:16}"
    for resolve in (glibc, c_ares):
        before = asked()
        address = resolve(name)
        row += f"{address + (', by DNS' if asked() > before else ''):20}"
    print(row.rstrip(), flush=True)
PY

cat >inside.sh <<'IN'
set -euo pipefail
echo "nameserver 127.0.0.1" >resolv.conf
echo "hosts: files dns" >nsswitch.conf
echo "127.0.0.1 localhost" >hosts
for file in resolv.conf nsswitch.conf hosts; do mount --bind "$file" "/etc/$file"; done
timeout 60 python3 server.py &
trap 'kill $! 2>/dev/null || true; wait' EXIT
timeout 10 bash -c 'until [ -e ready ]; do sleep 0.1; done'
timeout 40 venv/bin/python run.py
IN
printf '%-16s%-20s%s\n' name glibc c-ares
timeout 90 "${spaces[@]}" bash inside.sh | tee seen

cat >expected <<'SEEN'
localhost       127.0.0.1           127.0.0.1
LOCALHOST       127.0.0.1           127.0.0.1
localhost.      127.0.0.9, by DNS   127.0.0.9, by DNS
app.localhost   127.0.0.9, by DNS   127.0.0.1
SEEN
diff -u expected seen || { echo "changed: the resolvers no longer behave as recorded" >&2; exit 1; }
echo "as recorded"
