#!/usr/bin/env bash
# An OpenAPI document is converted into a Postman collection and run. Which credentials does each operation
# get?
#
# Versions: pinned below; Node 20. The converter is Postman's own, with its defaults; newman runs what it
#           made, with all variables set.
# Seen:     the table at the end. K is an API key in a header and the document's default, C one in a cookie,
#           B a bearer token, A Basic, D OpenID Connect.
# Surprise: an operation with "security": [] (a token endpoint, say) is sent the default's key: the
#           converter writes "auth": null, which in a collection means "as the folder above"; only [{}]
#           becomes "noauth". The same befalls OpenID Connect. Of two credentials that are wanted together
#           the first is sent alone, and a key in a cookie goes out as a header of that name. In the OAuth
#           2.0 settings the refreshUrl becomes the redirect_uri, and all scopes of the flow are asked for
#           instead of the operation's.
# Meaning:  a collection made this way sends a long-lived key where the document wants none and fails where
#           it wants two; a login by it may be refused for its redirect_uri. Test by the document, not by
#           what was converted from it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm=(openapi-to-postmanv2@6.3.3 newman@6.2.2)
echo "Node $(node --version), ${npm[*]}"
timeout 180 npm install --no-audit --no-fund --ignore-scripts --silent "${npm[@]}"

cat >run.cjs <<'JS'
const http = require("node:http");
const { promisify } = require("node:util");
const converter = require("openapi-to-postmanv2");
const newman = require("newman");

const login = "https://login.example";
const flow = {
  authorizationUrl: `${login}/authorize`, tokenUrl: `${login}/token`, refreshUrl: `${login}/refresh`,
  scopes: { read: "reads", write: "writes" },
};
const wanted = {
  "K (default)": undefined,
  "K and B": [{ K: [], B: [] }],
  "A or B": [{ A: [] }, { B: [] }],
  "C": [{ C: [] }],
  "D": [{ D: [] }],
  "[]": [],
  "[{}]": [{}],
  "O, read": [{ O: ["read"] }],
};
const operations = Object.entries(wanted).map(([summary, security], number) => {
  return [`/${number}`, { get: { summary, security, responses: { 200: { description: "fine" } } } }];
});
const document = {
  openapi: "3.0.3",
  info: { title: "which credentials go where", version: "1" },
  servers: [{ url: "https://api.example" }],
  security: [{ K: [] }],
  components: {
    securitySchemes: {
      A: { type: "http", scheme: "basic" },
      B: { type: "http", scheme: "bearer" },
      C: { type: "apiKey", in: "cookie", name: "session" },
      D: { type: "openIdConnect", openIdConnectUrl: `${login}/.well-known/openid-configuration` },
      K: { type: "apiKey", in: "header", name: "x-api-key" },
      O: { type: "oauth2", flows: { authorizationCode: flow } },
    },
  },
  paths: Object.fromEntries(operations),
};

async function main() {
  const sent = new Map();
  const server = http.createServer(({ url, headers }, response) => {
    const found = [];
    if (headers["x-api-key"]) found.push("K");
    if (headers.authorization) found.push({ Bearer: "B", Basic: "A" }[headers.authorization.split(" ")[0]]);
    if (headers.session) found.push("header session");
    if (headers.cookie) found.push("C");
    sent.set(url, found.join(" and ") || "nothing");
    response.end("{}");
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const data = JSON.parse(JSON.stringify(document));
  const converted = await promisify(converter.convertV2)({ type: "json", data }, {});
  if (!converted.result) throw new Error(converted.reason);
  const collection = converted.output[0].data;
  const values = {
    baseUrl: `http://127.0.0.1:${server.address().port}`, apiKey: "key", bearerToken: "token",
    basicAuthUsername: "me", basicAuthPassword: "mine",
  };
  const envVar = Object.entries(values).map(([key, value]) => ({ key, value }));
  await promisify(newman.run)({ collection, envVar });
  for (const [path, { get: { summary } }] of operations.slice(0, -1)) {
    console.log(summary.padEnd(14) + sent.get(path));
  }
  const requests = (item) => item.item?.flatMap(requests) ?? [item];
  const { oauth2 } = requests(collection).find(({ name }) => name === "O, read").request.auth;
  for (const name of ["redirect_uri", "scope"]) {
    console.log(`O, ${name}`.padEnd(17) + oauth2.find(({ key }) => key === name).value);
  }
  process.exit();
}
main();
JS

printf '%-14s%s\n' wanted sent
timeout 60 node run.cjs 2>warnings | tee seen

cat >expected <<'SEEN'
K (default)   K
K and B       K
A or B        A
C             header session
D             K
[]            K
[{}]          nothing
O, redirect_uri  https://login.example/refresh
O, scope         read write
SEEN
diff -u expected seen || { cat warnings; echo "changed: the collection no longer sends what is recorded" >&2; exit 1; }
echo "as recorded"
