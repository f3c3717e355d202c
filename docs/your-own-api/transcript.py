#!/usr/bin/env python3
"""Runs the commands of docs/your-own-api.md, and compares what they print with what stands there.

transcript.py [FIRST] [LAST] runs the sections from FIRST to LAST, as the guide numbers them; all without arguments.
Where TEGATA_PROGRAMS names a folder with programs that are built already, they are used in place of `cargo run`, and
`cargo test` is left to the tests of the whole workspace.
"""

import os
import re
import shlex
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs/your-own-api.md"


def sections():
    """The commands of each section, each with the lines that it prints."""
    found = {}
    section, block = 0, None
    for line in GUIDE.read_text().splitlines():
        heading = re.match(r"## (\d+)\.", line)
        if heading:
            section = int(heading[1])
        elif line == "```console":
            block = found.setdefault(section, [])
        elif line == "```":
            block = None
        elif block is not None and line.startswith("$ "):
            block.append((line[2:], []))
        elif block is not None:
            block[-1][1].append(line)
    return found


def built(command):
    """The same command with programs that are there, or nothing if it is left to others."""
    programs = os.environ.get("TEGATA_PROGRAMS")
    if not programs:
        return command
    if command.startswith("cargo test "):
        return None
    run = re.match(r"cargo run --quiet -p (\S+)(?: --example (\S+))?(?: -- (.*))?$", command.removesuffix(" &"))
    if not run:
        return command
    package, example, arguments = run.groups()
    program = f"{programs}/examples/{example}" if example else f"{programs}/{package}"
    end = " &" if command.endswith(" &") else ""
    return f"{shlex.quote(program)} {arguments or ''}{end}"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return str(listener.getsockname()[1])


def main():
    first, last = (int(it) for it in (sys.argv[1:] + ["1", "99"][len(sys.argv) - 1 :])[:2])
    commands = [it for number, block in sorted(sections().items()) if first <= number <= last for it in block]
    if not commands:
        sys.exit("docs/your-own-api.md has no commands")
    port = free_port()
    variables = dict(os.environ, NO_PROXY="*", no_proxy="*")
    serving = []
    try:
        for command, expected in commands:
            print(f"$ {command}", flush=True)
            exported = re.match(r"export (.*)$", command)
            if exported:
                for it in shlex.split(exported[1]):
                    name, value = it.split("=", 1)
                    variables[name] = value.replace("8080", port)
                continue
            command = built(command)
            if command is None:
                print("(run with the tests of the workspace)")
                continue
            command = command.replace("8080", port)
            if command.endswith(" &"):
                server = subprocess.Popen(
                    ["bash", "-c", f"exec {command[:-2]}"], cwd=ROOT, env=variables, stdout=subprocess.PIPE
                )
                serving.append(server)
                if not server.stdout.readline():
                    sys.exit("it ended before it was ready")
                continue
            ran = subprocess.run(
                ["bash", "-c", command], cwd=ROOT, env=variables, capture_output=True, text=True, check=False
            )
            said = ran.stdout.splitlines()
            if ran.returncode != 0 or (expected and said != expected):
                print("\n".join(["expected:", *expected, "printed:", *said, ran.stderr]))
                sys.exit(f"the guide is not what happens (exit code {ran.returncode})")
    finally:
        for server in serving:
            server.terminate()
            server.wait()


main()
