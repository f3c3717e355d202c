"""Calls openapi-generator's Python client, in a process of its own."""

import json
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def jar():
    import openapi_generator_cli

    return pathlib.Path(openapi_generator_cli.__file__).parent / "openapi-generator.jar"


def run(path, calls, folder, recorder):
    shutil.rmtree(folder, ignore_errors=True)
    command = ["java", "-jar", jar(), "generate", "-g", "python", "-i", path, "-o", folder,
               "--additional-properties=packageName=peer"]
    done = subprocess.run(command, capture_output=True, text=True)
    note = ""
    if done.returncode != 0:
        note = "its validation of documents is left out"
        done = subprocess.run([*command, "--skip-validate-spec"], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"openapi-generator failed:\n{done.stderr[-2000:]}")
    (folder / "calls.json").write_text(json.dumps(calls))
    done = subprocess.run([sys.executable, HERE / "peer.py", recorder.url], cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"its client failed:\n{done.stderr[-3000:]}")
    errors = {it["n"]: it["error"] for it in map(json.loads, done.stdout.splitlines()) if it["error"]}
    return recorder.taken(), errors, note
