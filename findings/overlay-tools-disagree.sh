#!/usr/bin/env bash
# Do four tools make the same document of one OpenAPI Overlay?
#
# Versions: pinned below; Node 20, Python 3. Overlay 1.1.0 but for one row.
# Seen:     the table at the end. Every command ends with 0.
# Surprise: an object added to a list, which is the only way to append in 1.0.0, is appended in that version by one
#           tool of four: two make an object with the members "0", "1", "2" of the list, one does nothing. A filter
#           that selects two neighbours removes one of them in openapi-format, two indexes remove the wrong elements
#           in three of four. "copy", new in 1.1.0, silently does nothing in two. A security requirement
#           that is set by "update" is *added* by all four, as 1.1.0 says of lists: the old one stays an alternative.
# Meaning:  an overlay is portable if each action that removes selects one element by a filter, if it appends by a
#           list inside an object, and if it replaces a list by "remove" and then "update" of its parent.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm=(openapi-format@1.33.6 openapi-overlays-js@0.2.0 bump-cli@2.11.0)
pip=oas-patch==0.6.0
echo "Node $(node --version), ${npm[*]}, $pip"
timeout 300 npm install --no-audit --no-fund --ignore-scripts --silent "${npm[@]}"
python3 -m venv venv
venv/bin/pip install --quiet "$pip" jsonpath-ng==1.16.0 PyYAML==6.0.4

cat >run.py <<'PY'
import json
import pathlib
import subprocess
import yaml

DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "Example", "version": "1"},
    "tags": [{"name": "a"}, {"name": "b"}, {"name": "c"}],
    "paths": {
        "/things": {
            "get": {"security": [{"key": []}], "responses": {"200": {"description": "All."}}},
            "post": {"responses": {"200": {"description": "One."}}},
        }
    },
}
GET, POST = "$.paths['/things'].get", "$.paths['/things'].post"


def tags(document):
    tags = document["tags"]
    return " ".join(tag["name"] for tag in tags) if isinstance(tags, list) else "members " + " ".join(tags)


def security(document):
    return " or ".join(name for one in document["paths"]["/things"]["get"]["security"] for name in one)


def copied(document):
    return "copied" if "security" in document["paths"]["/things"]["post"] else "nothing"


CASES = {
    "one removed by filter": (tags, {"target": "$.tags[?(@.name=='b')]", "remove": True}),
    "object added": (tags, {"target": "$.tags", "update": {"name": "n"}}),
    "object added, 1.0.0": (tags, {"target": "$.tags", "update": {"name": "n"}}),
    "two removed by filter": (tags, {"target": "$.tags[?(@.name!='c')]", "remove": True}),
    "two removed by index": (tags, {"target": "$.tags[0,1]", "remove": True}),
    "last removed": (tags, {"target": "$.tags[-1]", "remove": True}),
    "security in an update": (security, {"target": GET, "update": {"security": [{"other": []}]}}),
    "copy": (copied, {"target": POST, "copy": GET}),
    "list added": (tags, {"target": "$.tags", "update": [{"name": "n"}]}),
}
BIN = "node_modules/.bin/"
TOOLS = {
    "openapi-format": [BIN + "openapi-format", "api.json", "--overlayFile", "overlay.json", "--no-sort", "-o", "out.json"],
    "overlays-js": [BIN + "overlayjs", "--openapi", "api.json", "--overlay", "overlay.json"],
    "bump-cli": [BIN + "bump", "overlay", "api.json", "overlay.json", "-o", "out.json"],
    "oas-patch": ["venv/bin/oas-patch", "overlay", "api.json", "overlay.json", "-o", "out.json"],
}


def apply(tool, action, version):
    overlay = {"overlay": version, "info": {"title": "Overlay", "version": "1"}, "actions": [action]}
    pathlib.Path("api.json").write_text(json.dumps(DOCUMENT))
    pathlib.Path("overlay.json").write_text(json.dumps(overlay))
    output = pathlib.Path("out.json")
    output.unlink(missing_ok=True)
    done = subprocess.run(TOOLS[tool], capture_output=True, text=True, timeout=60, check=True)
    return yaml.safe_load(output.read_text() if output.exists() else done.stdout)


print("".join(cell.ljust(23) for cell in ["action", *TOOLS]).rstrip())
for case, (show, action) in CASES.items():
    cells = []
    for tool in TOOLS:
        version = "1.0.0" if case.endswith("1.0.0") else "1.1.0"
        cells.append(show(apply(tool, action, version)) or "none left")
    print("".join(cell.ljust(23) for cell in [case, *cells]).rstrip())
PY
venv/bin/python run.py | tee seen

cat >expected <<'SEEN'
action                 openapi-format         overlays-js            bump-cli               oas-patch
one removed by filter  a c                    a c                    a c                    a c
object added           a b c n                members 0 1 2 name     members 0 1 2 name     a b c n
object added, 1.0.0    a b c                  members 0 1 2 name     members 0 1 2 name     a b c n
two removed by filter  b                      c                      c                      c
two removed by index   b                      none left              c                      none left
last removed           a b                    a b c                  a b                    a b
security in an update  key or other           key or other           key or other           key or other
copy                   copied                 nothing                nothing                copied
list added             a b c n                members 0 1 2          a b c n                a b c n
SEEN
diff -u expected seen || { echo "changed: the tools no longer apply overlays as recorded" >&2; exit 1; }
echo "as recorded"
