"""Which OpenAPI documents a folder has."""

import dataclasses
import pathlib
import re

# In JSON the key may stand anywhere, since the order of members is free; in YAML at the start of a line.
TOP = re.compile(rb'^(?:\s*["\']?(?:openapi|swagger)["\']?\s*:\s*["\']?\d)', re.MULTILINE)
TOP_OF_JSON = re.compile(rb'"(?:openapi|swagger)"\s*:\s*"\d')
ENDINGS = {".json", ".yaml", ".yml"}


@dataclasses.dataclass
class Document:
    name: str
    path: pathlib.Path
    root: pathlib.Path
    size: int


def find(folder, only):
    """Each file at the top of `folder` is a document; each folder there is one in several files."""
    found = []
    for entry in sorted(folder.iterdir()):
        if entry.is_dir():
            path = main_file(entry)
            if path:
                size = sum(it.stat().st_size for it in files_below(entry))
                found.append(Document(package_name(entry.name), path, entry, size))
        elif is_document(entry):
            found.append(Document(package_name(entry.stem), entry, folder, entry.stat().st_size))
    return [it for it in found if only in it.name]


def main_file(folder):
    """The document of `folder`: the one nearest to its top, and of those the largest."""
    candidates = [it for it in files_below(folder) if is_document(it)]
    return min(candidates, key=lambda it: (len(it.parts), -it.stat().st_size), default=None)


def files_below(folder):
    return [it for it in folder.rglob("*") if it.is_file() and it.suffix in ENDINGS]


def is_document(path):
    if path.suffix not in ENDINGS:
        return False
    text = path.read_bytes()
    return bool(TOP.search(text) or (path.suffix == ".json" and TOP_OF_JSON.search(text)))


def package_name(name):
    """A name that cargo takes."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-").lower()
    return name if name[:1].isalpha() else f"api-{name}"
