#!/usr/bin/env bash
# What do Python clients that are generated from one valid OpenAPI document send for forms, and for parameters that
# are an object or a list?
#
# Versions: pinned below; Python 3.11, Java 17 (openapi-generator runs on it). Both documents are valid.
# Seen:     the table at the end, with form bodies and queries decoded.
# Surprise: openapi-generator's client sends a form that the document also offers as JSON as "application/json" with
#           no body at all, without an error. A form with DELETE (Swagger 2.0) is a TypeError. Both clients write an
#           object in a form as Python would print it. For deepObject one sends JSON, the other the members without
#           the parameter's name, where they may be taken for other parameters. openapi-python-client has no argument
#           for a parameter that is JSON, repeats the name of a list that is to be joined, and writes a module that
#           cannot be imported for the form or JSON.
# Meaning:  a generated client that is answered with 200 may have sent nothing, or another thing. What arrives has to
#           be looked at for each kind of body and parameter that a document has.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

pypi=(openapi-generator-cli==7.26.0 openapi-python-client==0.29.1 openapi-spec-validator==0.9.0 pydantic==2.14.4
  python-dateutil==2.9.0.post0 urllib3==2.8.0 httpx==0.28.1 ruff==0.14.0)
echo "$(python3 --version), $(java -version 2>&1 | head -n 1), ${pypi[*]}"
python3 -m venv venv
timeout 180 venv/bin/pip install -q "${pypi[@]}"
PATH=$work/venv/bin:$PATH

cat >api.yaml <<'YAML'
openapi: 3.0.3
info: {title: Forms, version: "1"}
servers: [{url: "http://127.0.0.1"}]
paths:
  /both:
    post:
      operationId: both
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded: {schema: {$ref: "#/components/schemas/Name"}}
          application/json: {schema: {$ref: "#/components/schemas/Name"}}
      responses: {"204": {description: done}}
  /parts:
    post:
      operationId: parts
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema: {type: object, properties: {map: {type: object, additionalProperties: {type: string}}}}
            encoding: {map: {style: deepObject, explode: true}}
      responses: {"204": {description: done}}
  /search:
    get:
      operationId: search
      parameters:
        - {name: filter, in: query, style: deepObject, explode: true, schema: {$ref: "#/components/schemas/Filter"}}
        - {name: ids, in: query, style: pipeDelimited, explode: false, schema: {type: array, items: {type: string}}}
        - name: raw
          in: query
          content: {application/json: {schema: {type: object, additionalProperties: {type: string}}}}
      responses: {"204": {description: done}}
components:
  schemas:
    Name: {type: object, required: [name], properties: {name: {type: string}}}
    Filter: {type: object, properties: {colour: {type: string}}}
YAML
cat >swagger.yaml <<'YAML'
swagger: "2.0"
info: {title: Forms, version: "1"}
host: 127.0.0.1
schemes: [http]
paths:
  /item:
    delete:
      operationId: remove
      consumes: [application/x-www-form-urlencoded]
      parameters: [{name: reason, in: formData, type: string, required: true}]
      responses: {"204": {description: done}}
YAML
openapi-spec-validator api.yaml swagger.yaml

jar=$(python -c 'import openapi_generator_cli as it; print(it.__path__[0])')/openapi-generator.jar
for name in api swagger; do
  timeout 120 java -jar "$jar" generate -g python -i "$name.yaml" -o "$name" \
    --additional-properties=packageName="$name" >"$name.log" 2>&1
done
timeout 60 openapi-python-client generate --path api.yaml --meta none --output-path other >other.log 2>&1

cat >calls.py <<'PY'
import importlib
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path[:0] = ["api", "swagger"]
import api
import swagger
from other import Client, models


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"] or 0)).decode()
        query = self.path.partition("?")[2]
        kind = (self.headers["content-type"] or "").removeprefix("application/")
        sent = query if self.command == "GET" else f"{kind} {body or 'no body'}"
        seen.append(urllib.parse.unquote_plus(sent))
        self.send_response(204)
        self.end_headers()

    do_GET = do_DELETE = do_POST

    def log_message(self, *_):
        pass


def sent(call):
    seen.clear()
    try:
        call()
    except (NameError, TypeError) as error:
        return type(error).__name__
    return seen[0]


def other(operation, **arguments):
    return importlib.import_module(f"other.api.default.{operation}").sync_detailed(client=two, **arguments)


seen = []
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
base = f"http://127.0.0.1:{server.server_port}"
one = api.DefaultApi(api.ApiClient(api.Configuration(host=base)))
old = swagger.DefaultApi(swagger.ApiClient(swagger.Configuration(host=base)))
two = Client(base_url=base)
part = models.PartsBody.from_dict({"map": {"k": "v"}})
rows = {
    "a form, or JSON": (lambda: one.both("x"), lambda: other("both", body=models.Name("x"))),
    "an object in a form": (lambda: one.parts(map={"k": "v"}), lambda: other("parts", body=part)),
    "a form with DELETE": (lambda: old.remove("x"), None),
    "deepObject": (
        lambda: one.search(filter=api.Filter(colour="red")),
        lambda: other("search", filter_=models.Filter(colour="red")),
    ),
    "a list joined by |": (lambda: one.search(ids=["a", "b"]), lambda: other("search", ids=["a", "b"])),
    "JSON in a parameter": (lambda: one.search(raw={"k": "v"}), lambda: other("search", raw={"k": "v"})),
}
for name, calls in rows.items():
    print(f"{name:20} | {' | '.join('-' if it is None else sent(it) for it in calls)}")
PY
python calls.py | tee seen.txt

cat >expected.txt <<'TXT'
a form, or JSON      | json no body | NameError
an object in a form  | x-www-form-urlencoded map={'k': 'v'} | x-www-form-urlencoded map={'k': 'v'}
a form with DELETE   | TypeError | -
deepObject           | filter={"colour": "red"} | colour=red
a list joined by |   | ids=a|b | ids=a&ids=b
JSON in a parameter  | raw={"k": "v"} | TypeError
TXT
diff -u expected.txt seen.txt || { echo "changed: the clients no longer do as recorded" >&2; exit 1; }
