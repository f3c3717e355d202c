"""What is built with cargo: the generator, and the crates that it makes."""

import os
import pathlib
import subprocess

import measure

TEGATA = pathlib.Path(__file__).resolve().parents[2] / "crates" / "tegata"


def generator(workspace):
    """Builds `tegata-gen` as users run it."""
    subprocess.run(["cargo", "build", "--quiet", "--release", "-p", "tegata-gen"], cwd=workspace, check=True)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", "target"))
    return workspace / target / "release" / "tegata-gen"


def compiles(out, made):
    """Seconds, and the first error if the crate has errors or warnings."""
    return cargo(out, made, ["rustc", "--profile", "check", "--lib", "-p", made.name, "--", "-D", "warnings"], {})


def documents(out, made):
    return cargo(out, made, ["doc", "--no-deps", "--lib", "-p", made.name], {"RUSTDOCFLAGS": "-D warnings"})


def cargo(out, made, arguments, settings):
    """One workspace for each crate would resolve and build the dependencies again."""
    workspace = out / "crates" / "Cargo.toml"
    workspace.write_text(f'[workspace]\nresolver = "3"\nmembers = ["{made.name}"]\n')
    lock, known = workspace.with_name("Cargo.lock"), TEGATA.parents[1] / "Cargo.lock"
    if not lock.exists():
        lock.write_bytes(known.read_bytes())
    environment = os.environ | settings | {
        "CARGO_TARGET_DIR": str(out / "target"),
        "CARGO_PROFILE_DEV_DEBUG": "0",
        "CARGO_INCREMENTAL": "0",
    }
    run = measure.run(["cargo", arguments[0], "--quiet", *arguments[1:]], cwd=workspace.parent, env=environment)
    if run.status == 0:
        return run.seconds, None
    errors = [it for it in run.errors.splitlines() if it.startswith("error")]
    (made.folder / f"{arguments[0]}.log").write_text(run.errors)
    return run.seconds, f"{len(errors)} errors, first {errors[0] if errors else run.errors[-300:]}"
