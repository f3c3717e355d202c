"""Time and peak memory of a command."""

import dataclasses
import os
import subprocess
import tempfile
import time


@dataclasses.dataclass
class Run:
    status: int
    output: str
    errors: str
    seconds: float
    # Of the processor, for the command and what it starts. Other programs on the machine do not change it.
    processor: float
    # Of the largest process of the command, as the kernel counts it.
    megabytes: int


def run(command, limit=900, **settings):
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        start = time.monotonic()
        child = subprocess.Popen(command, stdout=output, stderr=errors, **settings)
        status, usage = wait(child, start + limit)
        seconds = time.monotonic() - start
        return Run(status, text_of(output), text_of(errors), seconds, usage.ru_utime + usage.ru_stime,
                   usage.ru_maxrss // 1024)


def wait(child, deadline):
    while True:
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            child.returncode = os.waitstatus_to_exitcode(status)
            return child.returncode, usage
        if time.monotonic() > deadline:
            child.kill()
        time.sleep(0.005)


def text_of(file):
    file.seek(0)
    return file.read().decode("utf-8", "replace")
