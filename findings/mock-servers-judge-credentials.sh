#!/usr/bin/env bash
# One OpenAPI document, two mock servers and two validating servers: whom do they let in?
#
# Versions: pinned below; Node 20. Prism and @scalar/mock-server judge by themselves.
#           express-openapi-validator has validateSecurity on and no handlers of its own; openapi-backend
#           has one handler a scheme, which looks whether the credential is there.
# Seen:     the table at the end: the status for an operation that asks for a credential, and a request that
#           carries one. K and Q are API keys in a header and in the query, C one in a cookie, B a bearer
#           token, O an OAuth 2.0 scheme.
# Surprise: where no credential is one of the alternatives ({}), Prism answers 401 to a request with an
#           Authorization header all the same. Both mock servers refuse "bearer" in small letters, though
#           the names of schemes have no case (RFC 9110, 11.1). openapi-backend calls the key in the query
#           an unknown parameter, 400, unless it is declared once more as one. express-openapi-validator
#           checks K, Q and B by itself, but O only by a handler of the caller, and takes C for missing
#           unless a cookie parser runs before it.
# Meaning:  a client that passes on one of them may fail on the next with a 400 or 401 that no document asks
#           for. Send credentials only where an operation wants them and "Bearer" with a capital B; an
#           accepted call proves little about how it was authenticated.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm=(@stoplight/prism-http@5.16.0 @stoplight/prism-http-server@5.16.0 @scalar/mock-server@0.14.4
  @hono/node-server@1.19.19 express@5.3.0 express-openapi-validator@5.6.2 openapi-backend@5.21.2)
echo "Node $(node --version), ${npm[*]}"
timeout 180 npm install --no-audit --no-fund --ignore-scripts --silent "${npm[@]}"

cat >run.mjs <<'JS'
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import http from "node:http";
import prismHttp from "@stoplight/prism-http";
import prismServer from "@stoplight/prism-http-server";
import { createMockServer } from "@scalar/mock-server";
import { serve } from "@hono/node-server";
import express from "express";
import { middleware } from "express-openapi-validator";
import { OpenAPIBackend } from "openapi-backend";

const tokenUrl = "https://login.example/token";
const schemes = {
  K: { type: "apiKey", in: "header", name: "x-api-key" },
  Q: { type: "apiKey", in: "query", name: "key" },
  C: { type: "apiKey", in: "cookie", name: "session" },
  B: { type: "http", scheme: "bearer" },
  O: { type: "oauth2", flows: { clientCredentials: { tokenUrl, scopes: { read: "reads" } } } },
};
const wanted = {
  optional: ["{} or K", [{}, { K: [] }]],
  bearer: ["B", [{ B: [] }]],
  oauth: ["O", [{ O: ["read"] }]],
  query: ["Q", [{ Q: [] }]],
  cookie: ["C", [{ C: [] }]],
};
const answer = { description: "fine", content: { "application/json": { schema: { type: "object" }, example: {} } } };
const document = () => ({
  openapi: "3.0.3",
  info: { title: "who is let in", version: "1" },
  components: { securitySchemes: structuredClone(schemes) },
  paths: Object.fromEntries(
    Object.entries(wanted).map(([name, [, security]]) => {
      return [`/${name}`, { get: { operationId: name, security: structuredClone(security), responses: { 200: answer } } }];
    }),
  ),
});
const requests = [
  ["optional", "nothing", {}],
  ["optional", "Bearer", { authorization: "Bearer t" }],
  ["bearer", "Bearer", { authorization: "Bearer t" }],
  ["bearer", "bearer", { authorization: "bearer t" }],
  ["oauth", "nothing", {}],
  ["oauth", "Bearer", { authorization: "Bearer t" }],
  ["query", "nothing", {}],
  ["query", "?key=", {}, "?key=k"],
  ["cookie", "cookie", { cookie: "session=s" }],
];

const urlOf = (server) => `http://127.0.0.1:${server.address().port}`;
async function listening(server) {
  if (!server.listening) await once(server, "listening");
  return urlOf(server);
}
async function prism() {
  writeFileSync("document.json", JSON.stringify(document()));
  const operations = await prismHttp.getHttpOperationsFromSpec("document.json");
  const silent = Object.fromEntries(
    ["info", "error", "warn", "success", "debug", "trace", "fatal"].map((level) => [level, () => {}]),
  );
  const logger = { ...silent, child: () => logger };
  const config = {
    mock: { dynamic: false }, checkSecurity: true, validateRequest: true, validateResponse: false, errors: false,
    isProxy: false,
  };
  return prismServer.createServer(operations, { components: { logger }, cors: false, config }).listen(0, "127.0.0.1");
}
async function scalar() {
  const { log } = console;
  console.log = () => {};
  const { fetch } = await createMockServer({ document: document() });
  console.log = log;
  return listening(serve({ fetch, port: 0, hostname: "127.0.0.1" }));
}
async function withExpress() {
  const app = express();
  app.use(middleware({ apiSpec: document(), validateRequests: true, validateSecurity: true }));
  app.use((request, response) => response.json({}));
  app.use((error, request, response, next) => response.status(error.status ?? 500).json({}));
  return listening(app.listen(0, "127.0.0.1"));
}
async function openapiBackend() {
  const api = new OpenAPIBackend({
    definition: document(),
    handlers: { notImplemented: () => 200, unauthorizedHandler: () => 401, validationFail: () => 400 },
  });
  const bearer = ({ request }) => /^bearer /i.test(request.headers.authorization ?? "");
  api.registerSecurityHandler("K", ({ request }) => "x-api-key" in request.headers);
  api.registerSecurityHandler("Q", ({ request }) => Boolean(request.query.key));
  api.registerSecurityHandler("C", ({ request }) => Boolean(request.cookies.session));
  api.registerSecurityHandler("B", bearer);
  api.registerSecurityHandler("O", bearer);
  await api.init();
  const server = http.createServer(async ({ method, url, headers }, response) => {
    const [path, query] = url.split("?");
    response.writeHead(await api.handleRequest({ method, path, query, headers })).end("{}");
  });
  return listening(server.listen(0, "127.0.0.1"));
}

const servers = [await prism(), await scalar(), await withExpress(), await openapiBackend()];
for (const [name, sent, headers, query = ""] of requests) {
  let row = wanted[name][0].padEnd(10) + sent.padEnd(10);
  for (const server of servers) {
    const { status } = await fetch(`${server}/${name}${query}`, { headers });
    row += String(status).padEnd(18);
  }
  console.log(row.trimEnd());
}
process.exit();
JS

printf '%-10s%-10s%-18s%-18s%-18s%s\n' wanted sent Prism @scalar express-openapi… openapi-backend
timeout 60 node run.mjs 2>warnings | tee seen

cat >expected <<'SEEN'
{} or K   nothing   200               200               200               200
{} or K   Bearer    401               200               200               200
B         Bearer    200               200               200               200
B         bearer    401               401               200               200
O         nothing   401               401               200               401
O         Bearer    200               200               200               200
Q         nothing   401               401               401               401
Q         ?key=     200               200               200               400
C         cookie    200               200               401               200
SEEN
diff -u expected seen || { cat warnings; echo "changed: the servers no longer judge as recorded" >&2; exit 1; }
echo "as recorded"
