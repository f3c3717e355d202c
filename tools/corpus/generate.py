"""One document into one crate."""

import dataclasses
import json
import pathlib
import shutil

import documents
import measure


@dataclasses.dataclass
class Made:
    name: str
    folder: pathlib.Path
    run: measure.Run
    report: dict
    lines: int
    error: str | None
    complaints: list

    def counts(self):
        """Operations, and how many of them are typed, raw, refused."""
        report = self.report
        return [report["operations"], report["typed"], len(report["raw"]), len(report["refused"])]

    def row(self):
        time = [f"{self.run.seconds:.1f}", f"{self.run.processor:.1f}", self.run.megabytes]
        if self.error is not None:
            return [self.name, "-", "-", "-", "-", "-", "-", *time]
        return [self.name, self.report["openapi"], *self.counts(), self.lines, *time]


def crate(generator, document, crates, tegata):
    folder = crates / document.name
    shutil.rmtree(folder, ignore_errors=True)
    command = [generator, document.path, "--out", folder, "--name", document.name]
    command += ["--root", document.root, "--tegata", tegata, "--report", "json"]
    if document.overlay:
        command += ["--overlay", document.overlay]
    run = measure.run(command)
    if run.status != 0:
        error = run.errors.strip() or f"it ended with {run.status}"
        return Made(document.name, folder, run, {}, 0, error, [error])
    return Made(document.name, folder, run, json.loads(run.output), documents.lines(folder), None, [])
