"""Generation timed against openapi-generator's Rust client, in turns."""

import shutil
import statistics
import sys

import build
import documents
import generate
import measure


def compare(generator, jar, found, out, rounds):
    print("| document | operations | KB | tegata-gen | openapi-generator | time | processor | memory | our lines | its |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
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
    # It takes no YAML beyond 3 MiB otherwise.
    command = ["java", "-DmaxYamlCodePoints=99999999", "-jar", jar, "generate", "-g", "rust",
               "-i", document.path, "-o", folder, *flags]
    run = measure.run(command)
    if run.status != 0 and not flags:
        return peer(jar, document, out, ["--skip-validate-spec"])
    return run, flags, documents.lines(folder)


def print_row(document, made, ours, theirs, flags, lines):
    failed = any(it.status != 0 for it in theirs)
    note = " (fails)" if failed else f" ({flags[0]})" if flags else ""
    (our_text, our_numbers), (their_text, their_numbers) = numbers(ours), numbers(theirs)
    ratios = [f"{one / other:.2f} ×" for one, other in zip(our_numbers, their_numbers)]
    cells = [document.name, made.report["operations"], document.size // 1024, our_text, their_text + note, *ratios,
             made.lines, lines]
    print("| " + " | ".join(str(it) for it in cells) + " |", flush=True)


def numbers(runs):
    """Seconds on the clock, seconds of the processor and megabytes: medians, and the most."""
    seconds = statistics.median(it.seconds for it in runs)
    processor = statistics.median(it.processor for it in runs)
    megabytes = max(it.megabytes for it in runs)
    return f"{seconds:.1f} s, {processor:.1f} s, {megabytes} MB", [seconds, processor, megabytes]
