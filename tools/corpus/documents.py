"""Which OpenAPI documents a folder has."""

import dataclasses
import pathlib
import re

# In JSON the order of members is free, in YAML the key stands at the start of a line.
TOP_OF_JSON = re.compile(rb'"(?:openapi|swagger)"\s*:\s*"\d')
TOP_OF_YAML = re.compile(rb'^["\']?(?:openapi|swagger)["\']?\s*:\s*["\']?\d', re.MULTILINE)
ENDINGS = {".json", ".yaml", ".yml"}
PART = 1 << 16


@dataclasses.dataclass
class Document:
    name: str
    path: pathlib.Path
    root: pathlib.Path
    size: int
    # `NAME.overlay.yaml` beside it, if there is one.
    overlay: pathlib.Path | None


def document(name, path, root, size):
    overlay = path.with_name(path.stem + ".overlay.yaml")
    return Document(package_name(name), path, root, size, overlay if overlay.exists() else None)


def find(folder, only):
    """Each file at the top of `folder` is a document; each folder there is one in several files."""
    found = []
    for entry in sorted(folder.iterdir()):
        if entry.is_dir():
            path = main_file(entry)
            if path:
                size = sum(it.stat().st_size for it in files_below(entry))
                found.append(document(entry.name, path, entry, size))
        elif is_document(entry):
            found.append(document(entry.stem, entry, folder, entry.stat().st_size))
    return [it for it in found if only in it.name]


def main_file(folder):
    """The document of `folder`: the one nearest to its top, and of those the largest."""
    candidates = [it for it in files_below(folder) if is_document(it)]
    return min(candidates, key=lambda it: (len(it.parts), -it.stat().st_size), default=None)


def files_below(folder):
    return [it for it in folder.rglob("*") if it.is_file() and it.suffix in ENDINGS]


def is_document(path):
    """In parts: the peak memory of this program would count as that of the programs it starts."""
    if path.suffix not in ENDINGS:
        return False
    top = TOP_OF_JSON if path.suffix == ".json" else TOP_OF_YAML
    before = b""
    for part in parts(path):
        if top.search(before + part):
            return True
        before = part[-64:]
    return False


def parts(path):
    with path.open("rb") as file:
        while part := file.read(PART):
            yield part


def lines(folder):
    return sum(part.count(b"\n") for path in folder.rglob("*.rs") for part in parts(path))


def package_name(name):
    """A name that cargo takes."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-").lower()
    return name if name[:1].isalpha() else f"api-{name}"
