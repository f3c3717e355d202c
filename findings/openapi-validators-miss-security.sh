#!/usr/bin/env bash
# Which mistakes in the security part of an OpenAPI 3.0 document do four validators find?
#
# Versions: pinned below; Node 20, Python 3.11. Redocly with its "recommended" rules, the others validate as
#           they come.
# Seen:     the table at the end.
# Surprise: an operation may ask for a scheme that does not exist: three of four say that the document is
#           valid, though the specification says that the name MUST be declared. None minds a scope that the
#           flow does not have, scopes on an API key (for 3.0 the list MUST be empty) or the HTTP scheme
#           "bearre": the JSON schema says nothing of them. An oauth2 scheme without any flow is found by one
#           alone.
# Meaning:  "valid" says nothing about whether a generated client can log in. What generates clients has to
#           resolve each requirement itself, and refuse names that it does not know with the place where they
#           stand.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm=(@seriousme/openapi-schema-validator@2.11.0 @readme/openapi-parser@9.0.0 @redocly/openapi-core@2.64.0)
pypi=(openapi-spec-validator==0.9.0)
echo "Node $(node --version), $(python3 --version), ${npm[*]} ${pypi[*]}"
timeout 180 npm install --no-audit --no-fund --ignore-scripts --silent "${npm[@]}"
python3 -m venv venv
timeout 180 venv/bin/pip install -q "${pypi[@]}"

cat >run.mjs <<'JS'
import { mkdirSync, writeFileSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";
import { validate } from "@readme/openapi-parser";
import { createConfig, lintFromString } from "@redocly/openapi-core";

const login = "https://login.example";
const document = () => ({
  openapi: "3.0.3",
  info: { title: "one operation", version: "1", license: { name: "none", url: "https://api.example/license" } },
  servers: [{ url: "https://api.example" }],
  components: {
    securitySchemes: {
      oauth: {
        type: "oauth2",
        flows: {
          authorizationCode: { authorizationUrl: `${login}/a`, tokenUrl: `${login}/t`, scopes: { read: "reads" } },
        },
      },
      key: { type: "apiKey", in: "header", name: "x-key" },
      bearer: { type: "http", scheme: "bearer" },
    },
  },
  paths: {
    "/item": {
      get: {
        operationId: "item",
        summary: "the item",
        security: [{ oauth: ["read"] }],
        responses: { 200: { description: "found" }, 404: { description: "none" } },
      },
    },
  },
});
const security = (requirement) => (it) => (it.paths["/item"].get.security = [requirement]);
const mistakes = {
  "(none)": () => {},
  "scheme not declared": security({ missing: [] }),
  "scope not in the flow": security({ oauth: ["write"] }),
  "scope on an API key": security({ key: ["read"] }),
  "http scheme bearre": (it) => (it.components.securitySchemes.bearer.scheme = "bearre"),
  "no flow at all": (it) => (it.components.securitySchemes.oauth.flows = {}),
  "no tokenUrl": (it) => delete it.components.securitySchemes.oauth.flows.authorizationCode.tokenUrl,
};

const config = await createConfig({ extends: ["recommended"] });
mkdirSync("documents");
const cases = Object.entries(mistakes);
for (const [number, [name, make]] of cases.entries()) {
  const made = document();
  make(made);
  writeFileSync(`documents/${number}.json`, JSON.stringify(made));
  const seriousme = (await new Validator().validate(structuredClone(made))).valid;
  const readme = (await validate(structuredClone(made))).valid;
  const problems = await lintFromString({ source: JSON.stringify(made), config });
  const redocly = !problems.some(({ severity }) => severity === "error");
  console.log([name, ...[seriousme, readme, redocly].map((valid) => (valid ? "valid" : "found"))].join("|"));
}
JS

timeout 60 node run.mjs >node
cat >run.py <<'PY'
import json
from pathlib import Path

from openapi_spec_validator import OpenAPIV30SpecValidator

for path in sorted(Path("documents").iterdir()):
    print("valid" if OpenAPIV30SpecValidator(json.loads(path.read_text())).is_valid() else "found")
PY
timeout 60 venv/bin/python run.py >python
printf '%-24s%-12s%-10s%-10s%s\n' mistake @seriousme @readme redocly openapi-spec-validator
paste -d '|' node python |
  while IFS='|' read -r name one two three four; do
    printf '%-24s%-12s%-10s%-10s%s\n' "$name" "$one" "$two" "$three" "$four"
  done | tee seen

cat >expected <<'SEEN'
(none)                  valid       valid     valid     valid
scheme not declared     valid       valid     found     valid
scope not in the flow   valid       valid     valid     valid
scope on an API key     valid       valid     valid     valid
http scheme bearre      valid       valid     valid     valid
no flow at all          valid       found     valid     valid
no tokenUrl             found       found     found     found
SEEN
diff -u expected seen || { echo "changed: the validators no longer behave as recorded" >&2; exit 1; }
echo "as recorded"
