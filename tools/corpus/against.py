"""Generation timed against openapi-generator's Rust client, in turns."""

import shutil
import statistics
import sys

import build
import generate
import measure


def compare(generator, jar, found, out, rounds):
    print("| document | operations | KB | tegata-gen | openapi-generator | time | its lines | ours |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    for document in found:
        ours, theirs, flags = [], [], []
        for _ in range(rounds):
            made = generate.crate(generator, document, out / "crates", build.TEGATA)
            if made.error is not None:
                sys.exit(f"error: {document.name}: {made.error}")
            ours.append(made.run)
            run, flags, lines = peer(jar, document, out / "peer", flags)
            theirs.append(run)
        print_row(document, made, ours, theirs, flags, lines)
    return 0


def peer(jar, document, out, flags):
    """One run. Where it refuses the document as invalid, that check is left out from then on."""
    folder = out / document.name
    shutil.rmtree(folder, ignore_errors=True)
    command = ["java", "-jar", jar, "generate", "-g", "rust", "-i", document.path, "-o", folder, *flags]
    run = measure.run(command)
    if run.status != 0 and not flags:
        return peer(jar, document, out, ["--skip-validate-spec"])
    lines = sum(it.read_bytes().count(b"\n") for it in folder.rglob("*.rs"))
    return run, flags, lines


def print_row(document, made, ours, theirs, flags, lines):
    failed = any(it.status != 0 for it in theirs)
    one, other = (statistics.median(it.seconds for it in runs) for runs in (ours, theirs))
    memory = [max(it.megabytes for it in runs) for runs in (ours, theirs)]
    note = " (fails)" if failed else f" ({flags[0]})" if flags else ""
    cells = [document.name, made.report["operations"], document.size // 1024, f"{one:.1f} s, {memory[0]} MB",
             f"{other:.1f} s, {memory[1]} MB{note}", f"{one / other:.2f} ×", lines, made.lines]
    print("| " + " | ".join(str(it) for it in cells) + " |", flush=True)
