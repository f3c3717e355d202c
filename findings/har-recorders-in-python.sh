#!/usr/bin/env bash
# Python's recorders of HTTP traffic watch a GET, a form, and a form that is read from a stream, all answered in
# JSON after half a second. What do their HAR files say of them?
#
# Versions: pinned below; Python 3.11. The recorders with their defaults, as their manuals show.
# Seen:     the table at the end. "time" is compared with the caller's clock, and startedDateTime with the
#           server's. Of bodies: "null", "no text" = a postData with a media type only, '""', the text itself,
#           "base64", or "error" = the exchange is not in the file, and its caller gets an exception.
# Surprise: HAR's times are milliseconds. requests-har writes seconds, and as the start the moment of the answer;
#           harlem counts the wait of aiohttp's calls twice. harlem writes plain JSON in base64, and a postData for
#           every GET; with requests, a form that was sent from a stream looks the same, without a text. Of such a
#           form requests-har wants the length, and raises when all has been sent and answered.
# Meaning:  do not take the start plus the time for the end, unless the tool is known. A postData without a text
#           says neither that there was a body nor that there was none: the headers have to tell.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

pypi=(requests-har==1.2.0 harlem==0.2.0a2 requests==2.34.2 aiohttp==3.8.5)
echo "$(python3 --version), ${pypi[*]}"
python3 -m venv venv
timeout 180 venv/bin/pip install -q "${pypi[@]}"

cat >run.py <<'PY'
import asyncio, io, json, threading, time
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import aiohttp
import harlem
import requests
import requests_har

FORM = b"grant_type=refresh_token&refresh_token=first"
ANSWER = b'{"access_token":"new"}'
HEADERS = {"content-type": "application/x-www-form-urlencoded", "content-length": str(len(FORM))}
clock, received = {}, {}


class Handler(BaseHTTPRequestHandler):
    def answer(self):
        began = time.time()
        received[self.path] = self.rfile.read(int(self.headers.get("content-length", 0)))
        time.sleep(0.5)
        clock[self.path] = began, time.time()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
base = f"http://127.0.0.1:{server.server_port}"
taken = {}


def with_requests(session):
    began = time.monotonic()
    session.get(f"{base}/get")
    taken["/get"] = time.monotonic() - began
    session.post(f"{base}/form", data=FORM, headers=HEADERS)
    try:
        session.post(f"{base}/stream", data=io.BytesIO(FORM), headers=HEADERS)
    except TypeError:
        pass


async def with_aiohttp():
    async with aiohttp.ClientSession() as session:
        began = time.monotonic()
        await (await session.get(f"{base}/get")).read()
        taken["/get"] = time.monotonic() - began
        await (await session.post(f"{base}/form", data=FORM, headers=HEADERS)).read()
        await (await session.post(f"{base}/stream", data=io.BytesIO(FORM), headers=HEADERS)).read()


def by_requests_har():
    session = requests_har.Session()
    with_requests(session)
    session.har_dict.save("recording.har")


def by_harlem(flow):
    with harlem.record_to_file("recording.har"):
        flow()


def body(entry):
    if entry is None:
        return "error"
    data = entry["request"].get("postData", "none")
    if not isinstance(data, dict):
        return "null" if data is None else data
    text = data.get("text")
    return "no text" if text is None else "text" if text == FORM.decode() else json.dumps(text)


def of_time(entry):
    if entry["time"] < 10:
        return "seconds"
    return "ms" if entry["time"] / taken["/get"] / 1000 < 1.5 else "ms, twice"


def of_start(entry):
    start = datetime.fromisoformat(entry["startedDateTime"].replace("Z", "+00:00")).timestamp()
    request, answer = (abs(start - moment) for moment in clock["/get"])
    return "request" if request < answer else "answer"


def row(*cells):
    print("".join(cell.ljust(width) for cell, width in zip(cells, (20, 11, 10, 9, 9, 9, 9))).rstrip())


table = [("recorder", "time", "started", "answers", "GET", "form", "stream")]
for name, record in {
    "requests-har": by_requests_har,
    "harlem, requests": lambda: by_harlem(lambda: with_requests(requests.Session())),
    "harlem, aiohttp": lambda: by_harlem(lambda: asyncio.run(with_aiohttp())),
}.items():
    received.clear()
    record()
    # Whatever the recorder writes, this is what was sent.
    assert received == {"/get": b"", "/form": FORM, "/stream": FORM}, received
    recorded = json.load(open("recording.har"))["log"]["entries"]
    entries = {entry["request"]["url"][len(base) :]: entry for entry in recorded}
    get = entries["/get"]
    content = get["response"]["content"]
    answer = content.get("encoding") or ("text" if content["text"] == ANSWER.decode() else "other")
    bodies = (body(entries.get(path)) for path in ("/get", "/form", "/stream"))
    table.append((name, of_time(get), of_start(get), answer, *bodies))
# One of them prints events of its own.
print("-")
for cells in table:
    row(*cells)
PY
timeout 60 venv/bin/python run.py >printed
sed '1,/^-$/d' printed | tee seen

cat >expected <<'SEEN'
recorder            time       started   answers  GET      form     stream
requests-har        seconds    answer    text     null     text     error
harlem, requests    ms         request   base64   no text  text     no text
harlem, aiohttp     ms, twice  request   base64   ""       text     text
SEEN
diff -u expected seen || { echo "changed: the recorders no longer behave as recorded" >&2; exit 1; }
echo "as recorded"
