#!/usr/bin/env bash
# What becomes of the new parts of an OpenAPI 3.2 document in generators that read it?
#
# Versions: pinned below; Node 20, Python 3. The document is valid by the schema of 3.2 as openapi-spec-validator and
#           @seriousme/openapi-schema-validator apply it.
# Seen:     the table at the end. The three generators for TypeScript end with 0; hey-api warns of the scheme.
# Surprise: none of them knows 3.2, and none says so. Two leave the QUERY operation and those in
#           "additionalOperations" out; the third makes one operation of that word, with the HTTP method
#           "ADDITIONAL OPERATIONS", which no client can send. A whole query string as one parameter
#           ("in: querystring") is no argument in any. With the new device flow as the only one, hey-api's client
#           sends no credential at all; with the flow authorizationCode the same scheme is a bearer token.
#           openapi-python-client alone refuses the version.
# Meaning:  a reader has to refuse versions that it does not know, or at least to count what it leaves out.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm=(@hey-api/openapi-ts@0.95.0 openapi-typescript@7.13.0 swagger-typescript-api@13.13.0
  @seriousme/openapi-schema-validator@2.11.0 typescript@5.9.3)
pip=(openapi-spec-validator==0.9.0 openapi-python-client==0.29.1)
echo "Node $(node --version), ${npm[*]}, ${pip[*]}"
timeout 300 npm install --no-audit --no-fund --ignore-scripts --silent "${npm[@]}"
python3 -m venv venv
venv/bin/pip install --quiet "${pip[@]}"

document() {
  cat <<YAML
openapi: 3.2.0
info: {title: Example, version: "1"}
servers: [{url: https://api.example.com}]
security: [{login: [read]}]
paths:
  /things:
    get:
      operationId: listThings
      responses: {"200": {description: All.}}
    query:
      operationId: searchThings
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {"200": {description: Found.}}
    additionalOperations:
      PURGE:
        operationId: purgeThings
        responses: {"204": {description: Gone.}}
  /all:
    get:
      operationId: wholeQuery
      parameters:
        - name: wanted
          in: querystring
          content: {application/x-www-form-urlencoded: {schema: {type: object}}}
      responses: {"200": {description: Some.}}
components:
  securitySchemes:
    login:
      type: oauth2
      flows:
        $1:
          $2: https://login.example.com/start
          tokenUrl: https://login.example.com/token
          scopes: {read: Reads.}
YAML
}
document deviceAuthorization deviceAuthorizationUrl >device.yaml
document authorizationCode authorizationUrl >code.yaml

venv/bin/openapi-spec-validator device.yaml
cat >validate.mjs <<'JS'
import { readFileSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";

const { valid } = await new Validator().validate(readFileSync("device.yaml", "utf8"));
console.log(`@seriousme: ${valid ? "valid" : "not valid"}`);
JS
node validate.mjs | tee seen

bin=node_modules/.bin
for flow in device code; do
  "$bin/openapi-ts" -i "$flow.yaml" -o "hey-api-$flow" -s >/dev/null 2>&1
  "$bin/openapi-typescript" "$flow.yaml" -o "openapi-typescript-$flow/api.ts" 2>/dev/null >/dev/null
  "$bin/swagger-typescript-api" generate -p "$flow.yaml" -o "swagger-typescript-api-$flow" >/dev/null
done
timeout 60 venv/bin/openapi-python-client generate --path device.yaml >python.log 2>&1 && echo "it generates" ||
  grep -o 'Only OpenAPI versions .* got 3.2.0' python.log | sed 's/^/openapi-python-client: /' | tee -a seen

python3 - <<'PY' | tee -a seen
import pathlib
import re


def generated(tool, flow="device"):
    files = [file for file in pathlib.Path(f"{tool}-{flow}").rglob("*.ts") if "/core/" not in str(file)]
    return "\n".join(file.read_text() for file in files if "/client/" not in str(file))


def has(pattern, text):
    return "yes" if re.search(pattern, text) else "no"


tools = ["hey-api", "openapi-typescript", "swagger-typescript-api"]
rows = {
    "GET": lambda tool: has("listThings", generated(tool)),
    "QUERY": lambda tool: has("searchThings", generated(tool)),
    "PURGE": lambda tool: has("purgeThings", generated(tool)),
    "ADDITIONAL OPERATIONS": lambda tool: has('"ADDITIONAL OPERATIONS"', generated(tool)),
    "querystring argument": lambda tool: has("wanted", generated(tool)),
}
print("".join(cell.ljust(23) for cell in ["", *tools]).rstrip())
for row, show in rows.items():
    print("".join(cell.ljust(23) for cell in [row, *map(show, tools)]).rstrip())
for flow in ("code", "device"):
    print(f"hey-api, {flow} flow: credential sent:", has(r"security: \[\{ scheme: 'bearer'", generated("hey-api", flow)))
PY

cat >expected <<'SEEN'
@seriousme: valid
openapi-python-client: Only OpenAPI versions 3.1.* are supported, got 3.2.0
                       hey-api                openapi-typescript     swagger-typescript-api
GET                    yes                    yes                    yes
QUERY                  no                     no                     yes
PURGE                  no                     no                     no
ADDITIONAL OPERATIONS  no                     no                     yes
querystring argument   no                     no                     no
hey-api, code flow: credential sent: yes
hey-api, device flow: credential sent: no
SEEN
diff -u expected seen || { echo "changed: the tools no longer read OpenAPI 3.2 as recorded" >&2; exit 1; }
echo "as recorded"
