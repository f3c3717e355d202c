#!/usr/bin/env bash
# Which client credentials get through HTTP Basic, if well-known clients meet well-known servers?
#
# Versions: pinned below; Node 20. "raw" is base64(id:secret) as curl, requests and RFC 7617 do it; the two
#           libraries form-encode first, as RFC 6749 (2.3.1) asks, each in its own way.
# Seen:     the table at the end. openid-client gets no token for a client whose id is a UUID from two of
#           three servers; a secret with a colon gets into @jmondi/oauth2-server with none of the three
#           clients.
# Surprise: openid-client encodes more than it must: "-", "_", "." and "~" as well, so that the most harmless
#           ids arrive as other ids, while simple-oauth2 leaves these alone and fails only at "+" and ":".
#           @jmondi splits at *every* colon and drops the rest. oidc-provider refuses raw what it takes
#           encoded, the others the reverse: with "+" in the secret no client gets into all three.
# Meaning:  "wrong secret" is often "wrong encoding". A client needs the choice raw / encoded / in the form,
#           must encode only what has to be, and should say so when a secret with such characters is refused.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm=(@node-oauth/oauth2-server@5.3.0 @jmondi/oauth2-server@4.3.7 oidc-provider@9.13.3 simple-oauth2@5.1.0
  openid-client@6.9.0)
echo "Node $(node --version), ${npm[*]}"
timeout 180 npm install --no-audit --no-fund --ignore-scripts --silent "${npm[@]}"

cat >run.mjs <<'JS'
import http from "node:http";
import OAuth2Server from "@node-oauth/oauth2-server";
import { AuthorizationServer } from "@jmondi/oauth2-server";
import { handleVanillaError, requestFromVanilla } from "@jmondi/oauth2-server/vanilla";
import Provider from "oidc-provider";
import { ClientCredentials } from "simple-oauth2";
import * as openid from "openid-client";

const secrets = {
  "7c9e6679-7425-40de-944b-e07fc1f90ae7": "plain",
  underscore: "a_b",
  plus: "a+b",
  colon: "a:b",
};
const grants = ["client_credentials"];

async function listen(handler) {
  const server = http.createServer(handler);
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return `http://127.0.0.1:${server.address().port}/token`;
}
async function read(request) {
  let body = "";
  for await (const part of request) body += part;
  return body;
}

const nodeOauth = new OAuth2Server({
  model: {
    getClient: async (id, secret) => secrets[id] === secret && { id, grants },
    getUserFromClient: async () => ({}),
    saveToken: async (token, client, user) => ({ ...token, client, user }),
    getAccessToken: async () => false,
  },
});
async function nodeOauthToken(request, answer) {
  const body = Object.fromEntries(new URLSearchParams(await read(request)));
  const { headers, method } = request;
  const response = new OAuth2Server.Response();
  await nodeOauth.token(new OAuth2Server.Request({ headers, method, query: {}, body }), response).catch(() => {});
  answer.writeHead(response.status, { "content-type": "application/json" }).end(JSON.stringify(response.body));
}

const jmondi = new AuthorizationServer(
  {
    getByIdentifier: async (id) =>
      secrets[id] && { id, name: id, secret: secrets[id], redirectUris: [], allowedGrants: grants, scopes: [] },
    isClientValid: async (_, client, secret) => client.secret === secret,
  },
  {
    issueToken: async (client, scopes) => {
      return { accessToken: "token", accessTokenExpiresAt: new Date(Date.now() + 3_600_000), client, scopes };
    },
    persist: async () => {},
  },
  { getAllByIdentifiers: async () => [], finalize: async (scopes) => scopes },
  "key of the test",
);
jmondi.enableGrantType("client_credentials");
async function jmondiToken(request, answer) {
  const { headers, method } = request;
  const asked = new Request("http://127.0.0.1/token", { method, headers, body: await read(request) });
  const { status, body } = await jmondi
    .respondToAccessTokenRequest(await requestFromVanilla(asked))
    .catch(handleVanillaError);
  answer.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

const oidc = new Provider("http://127.0.0.1", {
  features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
  clients: Object.entries(secrets).map(([client_id, client_secret]) => {
    return { client_id, client_secret, grant_types: grants, redirect_uris: [], response_types: [] };
  }),
});

const servers = {
  "@node-oauth": await listen(nodeOauthToken),
  "@jmondi": await listen(jmondiToken),
  "oidc-provider": await listen(oidc.callback()),
};

const clients = {
  raw: async (url, id, secret) => {
    const headers = { authorization: `Basic ${btoa(`${id}:${secret}`)}` };
    const body = new URLSearchParams({ grant_type: "client_credentials" });
    const { status } = await fetch(url, { method: "POST", headers, body });
    if (status !== 200) throw new Error(`status ${status}`);
  },
  "simple-oauth2": async (url, id, secret) => {
    const { origin, pathname } = new URL(url);
    const auth = { tokenHost: origin, tokenPath: pathname };
    await new ClientCredentials({ client: { id, secret }, auth }).getToken({});
  },
  "openid-client": async (url, id, secret) => {
    const metadata = { issuer: new URL(url).origin, token_endpoint: url };
    const config = new openid.Configuration(metadata, id, secret, openid.ClientSecretBasic(secret));
    openid.allowInsecureRequests(config);
    await openid.clientCredentialsGrant(config);
  },
};

const column = (text) => text.padEnd(15);
console.log(["client", "credentials", ...Object.keys(servers)].map(column).join("").trimEnd());
for (const [client, ask] of Object.entries(clients)) {
  for (const [id, secret] of Object.entries(secrets)) {
    const row = [client, secret === "plain" ? "id is a UUID" : `secret ${secret}`];
    for (const url of Object.values(servers)) {
      row.push(await ask(url, id, secret).then(() => "token", () => "refused"));
    }
    console.log(row.map(column).join("").trimEnd());
  }
}
process.exit();
JS

timeout 60 node run.mjs 2>warnings | grep -v '^oidc-provider NOTICE' | tee seen

cat >expected <<'SEEN'
client         credentials    @node-oauth    @jmondi        oidc-provider
raw            id is a UUID   token          token          token
raw            secret a_b     token          token          token
raw            secret a+b     token          token          refused
raw            secret a:b     token          refused        token
simple-oauth2  id is a UUID   token          token          token
simple-oauth2  secret a_b     token          token          token
simple-oauth2  secret a+b     refused        refused        token
simple-oauth2  secret a:b     refused        refused        token
openid-client  id is a UUID   refused        refused        token
openid-client  secret a_b     refused        refused        token
openid-client  secret a+b     refused        refused        token
openid-client  secret a:b     refused        refused        token
SEEN
diff -u expected seen || { echo "changed: clients or servers no longer behave as recorded" >&2; exit 1; }
echo "as recorded"
