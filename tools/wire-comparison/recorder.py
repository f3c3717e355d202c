"""A server on loopback that keeps each request as it came."""

import dataclasses
import socket
import threading

ANSWER = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"


@dataclasses.dataclass
class Received:
    method: str
    # Without the number of the call, which is its first segment.
    target: str
    headers: list
    body: bytes


class Recorder:
    def __init__(self):
        self.calls = {}
        self.server = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self.server.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def taken(self):
        """What came since the last call, by the number of the call."""
        calls, self.calls = self.calls, {}
        return calls

    def serve(self):
        while True:
            connection, _ = self.server.accept()
            threading.Thread(target=self.one, args=(connection,), daemon=True).start()

    def one(self, connection):
        with connection:
            connection.settimeout(30)
            try:
                received = read(connection.makefile("rb"))
            except (OSError, ValueError):
                return
            number, _, target = received.target.removeprefix("/").partition("/")
            received.target = target
            self.calls.setdefault(int(number), []).append(received)
            connection.sendall(ANSWER)


def read(file):
    method, target, _ = file.readline().decode("latin-1").split(" ", 2)
    headers = []
    while (line := file.readline().decode("latin-1").strip("\r\n")):
        name, _, value = line.partition(":")
        headers.append((name.lower(), value.strip()))
    known = dict(headers)
    if known.get("transfer-encoding") == "chunked":
        body = b""
        while (size := int(file.readline().split(b";")[0], 16)) > 0:
            body += file.read(size)
            file.readline()
    else:
        body = file.read(int(known.get("content-length", 0)))
    return Received(method, target, headers, body)
