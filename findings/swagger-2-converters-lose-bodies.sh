#!/usr/bin/env bash
# Do converters from Swagger 2.0 to OpenAPI 3.0 keep what a client has to send?
#
# Versions: pinned below; Node 20.
# Seen:     the table at the end. No converter prints a warning, none ends with an error.
# Surprise: a body or a form field that a path shares among its operations, which 2.0 allows as for any parameter, is
#           gone in swagger2openapi and api-spec-converter; by reference none of the three keeps it. A file by
#           reference is gone in @scalar. A list in the query, which 2.0 joins by commas unless it says otherwise,
#           becomes a repeated parameter in api-spec-converter; in a form none keeps the commas, and @scalar not what
#           the items are. An operation's own "produces" is ignored by one and mixed with the document's by another.
# Meaning:  after a conversion count the bodies, and look at the wire for one list; the operations look complete.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm=(swagger2openapi@7.0.8 api-spec-converter@2.12.0 @scalar/openapi-upgrader@0.1.11)
echo "Node $(node --version), ${npm[*]}"
timeout 300 npm install --no-audit --no-fund --ignore-scripts --silent "${npm[@]}"

cat >swagger.json <<'JSON'
{
  "swagger": "2.0",
  "info": { "title": "Example", "version": "1" },
  "host": "api.example.com",
  "schemes": ["https"],
  "consumes": ["application/json"],
  "produces": ["application/json"],
  "parameters": {
    "shared": { "name": "shared", "in": "body", "required": true, "schema": { "type": "object" } },
    "file": { "name": "file", "in": "formData", "type": "file" }
  },
  "paths": {
    "/own": {
      "post": {
        "parameters": [{ "name": "own", "in": "body", "schema": { "type": "object" } }],
        "responses": { "200": { "description": "Done." } }
      }
    },
    "/inline": {
      "parameters": [{ "name": "inline", "in": "body", "schema": { "type": "object" } }],
      "post": { "responses": { "200": { "description": "Done." } } }
    },
    "/reference": {
      "parameters": [{ "$ref": "#/parameters/shared" }],
      "post": { "responses": { "200": { "description": "Done." } } }
    },
    "/field": {
      "parameters": [{ "name": "shared", "in": "formData", "type": "string" }],
      "post": {
        "consumes": ["application/x-www-form-urlencoded"],
        "responses": { "200": { "description": "Done." } }
      }
    },
    "/file": {
      "post": {
        "consumes": ["multipart/form-data"],
        "parameters": [{ "$ref": "#/parameters/file" }],
        "responses": { "200": { "description": "Done." } }
      }
    },
    "/lists": {
      "post": {
        "consumes": ["application/x-www-form-urlencoded"],
        "parameters": [
          { "name": "query", "in": "query", "type": "array", "items": { "type": "string" } },
          { "name": "commas", "in": "formData", "type": "array", "items": { "type": "string" } },
          { "name": "many", "in": "formData", "type": "array", "collectionFormat": "multi", "items": { "type": "string" } }
        ],
        "responses": { "200": { "description": "Done." } }
      }
    },
    "/answer": {
      "get": {
        "produces": ["application/pdf"],
        "responses": { "200": { "description": "A file.", "schema": { "type": "file" } } }
      }
    }
  }
}
JSON

cat >run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { upgrade } from "@scalar/openapi-upgrader";

const require = createRequire(import.meta.url);
const text = readFileSync("swagger.json", "utf8");
const converters = {
  swagger2openapi: async () => (await require("swagger2openapi").convertObj(JSON.parse(text), {})).openapi,
  "api-spec-converter": async () => {
    const from = "swagger_2";
    const converted = await require("api-spec-converter").convert({ from, to: "openapi_3", source: "swagger.json" });
    return converted.spec;
  },
  "@scalar": async () => upgrade(JSON.parse(text), "3.0"),
};

const resolve = (api, at) => (at?.$ref ? at.$ref.slice(2).split("/").reduce((value, key) => value?.[key], api) : at);
const media = (api, path) => Object.values(resolve(api, api.paths[path].post.requestBody)?.content ?? {})[0];
const body = (path) => (api) => (media(api, path) ? "kept" : "lost");
const field = (path, name) => (api) => (media(api, path)?.schema.properties?.[name] ? "kept" : "lost");
const rows = {
  "body of an operation": body("/own"),
  "body of a path": body("/inline"),
  "the same by reference": body("/reference"),
  "form field of a path": field("/field", "shared"),
  "file by reference": field("/file", "file"),
  "list in the query": (api) => {
    const list = api.paths["/lists"].post.parameters.find(({ name }) => name === "query");
    return list.explode === false ? "a,b" : "a&b";
  },
  "lists in a form": (api) => {
    const { schema, encoding } = media(api, "/lists");
    const joined = encoding?.commas?.explode === false ? "a,b" : "a&b";
    return `${joined}, items ${schema.properties.commas.items ? "kept" : "lost"}`;
  },
  "type of an answer": (api) => Object.keys(api.paths["/answer"].get.responses["200"].content).join().replaceAll("application/", ""),
};

const line = (cells) => console.log(cells.map((cell) => cell.padEnd(26)).join("").trimEnd());
const apis = await Promise.all(Object.values(converters).map((convert) => convert()));
line(["", ...Object.keys(converters)]);
for (const [row, show] of Object.entries(rows)) line([row, ...apis.map(show)]);
JS

timeout 60 node run.mjs 2>warnings | tee seen
[ ! -s warnings ] || cat warnings

cat >expected <<'SEEN'
                          swagger2openapi           api-spec-converter        @scalar
body of an operation      kept                      kept                      kept
body of a path            lost                      lost                      kept
the same by reference     lost                      lost                      lost
form field of a path      lost                      lost                      kept
file by reference         kept                      kept                      lost
list in the query         a,b                       a&b                       a,b
lists in a form           a&b, items kept           a&b, items kept           a&b, items lost
type of an answer         pdf                       pdf,json                  json
SEEN
diff -u expected seen || { echo "changed: the converters no longer do as recorded" >&2; exit 1; }
echo "as recorded"
