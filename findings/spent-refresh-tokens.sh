#!/usr/bin/env bash
# A refresh token is used, and then sent once more, as after a lost answer. What do four servers say, and does
# the token that replaced it outlive this?
#
# Versions: pinned below; Node 20, Python 3.11. Defaults, except where the row says otherwise. The storage of
#           @node-oauth and @jmondi is the caller's; here a plain map that marks a token as revoked when the
#           library says so.
# Seen:     the table at the end: what the first refresh hands out, what the spent token gets, what the token
#           that replaced it gets afterwards, and what a token gets that never was.
# Surprise: oidc-provider hands out the same token again by default (it rotates a confidential client's only
#           near its end); set to rotate, one stale request kills the newest token as well, where the other
#           three refuse the stale one alone. @jmondi calls a dead token invalid_request, which RFC 6749 keeps
#           for malformed requests.
# Meaning:  "rotates or not" cannot be guessed from one refresh, and a second try with a spent token is
#           harmless on one server and ends the login on the next: never send one again. A dead login may come
#           as invalid_request.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm=(@node-oauth/oauth2-server@5.3.0 @jmondi/oauth2-server@4.3.7 oidc-provider@9.13.3)
pypi=(django-oauth-toolkit==3.4.1 Django==5.2.19 oauthlib==4.0.1)
echo "Node $(node --version), $(python3 --version), ${npm[*]} ${pypi[*]}"
timeout 180 npm install --no-audit --no-fund --ignore-scripts --silent "${npm[@]}"
python3 -m venv venv
timeout 180 venv/bin/pip install -q "${pypi[@]}"

cat >run.mjs <<'JS'
import http from "node:http";
import OAuth2Server from "@node-oauth/oauth2-server";
import { AuthorizationServer } from "@jmondi/oauth2-server";
import { handleVanillaError, requestFromVanilla } from "@jmondi/oauth2-server/vanilla";
import Provider from "oidc-provider";

const grants = ["password", "refresh_token"];
const login = { grant_type: "password", username: "me", password: "mine" };

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
async function ask(url, form) {
  const headers = { authorization: `Basic ${btoa("app:pass")}` };
  const response = await fetch(url, { method: "POST", headers, body: new URLSearchParams(form) });
  const body = await response.json();
  return { token: body.refresh_token, word: response.ok ? "200" : `${response.status} ${body.error}` };
}

async function nodeOauth() {
  const tokens = new Map();
  const library = new OAuth2Server({
    model: {
      getClient: async (id, secret) => id === "app" && secret === "pass" && { id, grants },
      getUser: async () => ({ id: "me" }),
      saveToken: async (token, client, user) => {
        const saved = { ...token, client, user };
        tokens.set(token.refreshToken, saved);
        return saved;
      },
      getRefreshToken: async (token) => tokens.get(token),
      revokeToken: async (token) => tokens.delete(token.refreshToken),
      getAccessToken: async () => false,
    },
  });
  const url = await listen(async (request, answer) => {
    const body = Object.fromEntries(new URLSearchParams(await read(request)));
    const { headers, method } = request;
    const response = new OAuth2Server.Response();
    await library.token(new OAuth2Server.Request({ headers, method, query: {}, body }), response).catch(() => {});
    answer.writeHead(response.status, { "content-type": "application/json" }).end(JSON.stringify(response.body));
  });
  return [url, (await ask(url, login)).token];
}

async function jmondi() {
  const client = {
    id: "app", name: "app", secret: "pass", redirectUris: [], allowedGrants: grants, scopes: [],
  };
  const soon = () => new Date(Date.now() + 3_600_000);
  const tokens = new Map();
  let count = 0;
  const library = new AuthorizationServer(
    { getByIdentifier: async () => client, isClientValid: async (_, { secret }, sent) => secret === sent },
    {
      issueToken: async (client, scopes, user) => {
        return { accessToken: `access ${++count}`, accessTokenExpiresAt: soon(), client, scopes, user };
      },
      issueRefreshToken: async (token) => {
        Object.assign(token, { refreshToken: `refresh ${++count}`, refreshTokenExpiresAt: soon() });
        tokens.set(token.refreshToken, token);
        return token;
      },
      persist: async () => {},
      revoke: async (token) => tokens.set(token.refreshToken, { ...token, refreshTokenExpiresAt: new Date(0) }),
      isRefreshTokenRevoked: async (token) => token.refreshTokenExpiresAt < new Date(),
      getByRefreshToken: async (token) => tokens.get(token),
    },
    { getAllByIdentifiers: async () => [], finalize: async (scopes) => scopes },
    "key of the test",
  );
  const users = { getUserByCredentials: async () => ({ id: "me" }) };
  library.enableGrantTypes({ grant: "password", userRepository: users }, "refresh_token");
  const url = await listen(async (request, answer) => {
    const { headers, method } = request;
    const asked = new Request("http://127.0.0.1/token", { method, headers, body: await read(request) });
    const { status, body } = await library
      .respondToAccessTokenRequest(await requestFromVanilla(asked))
      .catch(handleVanillaError);
    answer.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  return [url, (await ask(url, login)).token];
}

async function oidcProvider(settings) {
  const scope = "openid offline_access";
  const provider = new Provider("http://127.0.0.1", {
    ...settings,
    features: { devInteractions: { enabled: false } },
    findAccount: async (_, accountId) => ({ accountId, claims: async () => ({ sub: accountId }) }),
    clients: [{
      client_id: "app", client_secret: "pass", grant_types: ["authorization_code", "refresh_token"],
      redirect_uris: ["https://app.example/callback"],
    }],
  });
  const url = await listen(provider.callback());
  const grant = new provider.Grant({ accountId: "me", clientId: "app" });
  grant.addOIDCScope(scope);
  const now = Math.floor(Date.now() / 1000);
  const token = new provider.RefreshToken({
    client: await provider.Client.find("app"), accountId: "me", grantId: await grant.save(), scope, claims: {},
    gty: "authorization_code", authTime: now, iiat: now, rotations: 0, expiresWithSession: false,
  });
  return [url, await token.save()];
}

for (const [name, start] of Object.entries({
  "@node-oauth/oauth2-server": nodeOauth,
  "@jmondi/oauth2-server": jmondi,
  "oidc-provider": () => oidcProvider({}),
  "  rotateRefreshToken: true": () => oidcProvider({ rotateRefreshToken: true }),
})) {
  const [url, first] = await start();
  const refresh = (token) => ask(url, { grant_type: "refresh_token", refresh_token: token });
  const { token: second, word } = await refresh(first);
  if (word !== "200") throw new Error(`${name}: the first refresh got ${word}`);
  const row = [name, second === first ? "same" : "new"];
  row.push((await refresh(first)).word, (await refresh(second)).word, (await refresh("never-was")).word);
  console.log(row[0].padEnd(28) + row[1].padEnd(6) + row.slice(2).map((word) => word.padEnd(21)).join("").trimEnd());
}
process.exit();
JS

cat >run.py <<'PY'
import base64

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="key of the test",
    ALLOWED_HOSTS=["testserver"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "oauth2_provider"],
    ROOT_URLCONF="oauth2_provider.urls",
    USE_TZ=True,
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
)
django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from oauth2_provider.models import Application

call_command("migrate", verbosity=0)
Application.objects.create(
    name="app", client_id="app", client_secret="pass", hash_client_secret=False,
    client_type=Application.CLIENT_CONFIDENTIAL, authorization_grant_type=Application.GRANT_PASSWORD,
)
User.objects.create_user("me", password="mine")
basic = "Basic " + base64.b64encode(b"app:pass").decode()


def ask(form):
    response = Client().post("/token/", form, headers={"authorization": basic})
    body = response.json()
    word = "200" if response.status_code == 200 else f"{response.status_code} {body['error']}"
    return body.get("refresh_token"), word


def refresh(token):
    return ask({"grant_type": "refresh_token", "refresh_token": token})


first, word = ask({"grant_type": "password", "username": "me", "password": "mine"})
assert word == "200", word
second, _ = refresh(first)
row = [refresh(first)[1], refresh(second)[1], refresh("never-was")[1]]
name = "same" if second == first else "new"
print(f"{'django-oauth-toolkit':28}{name:6}" + "".join(f"{word:21}" for word in row).rstrip())
PY

printf '%-28s%-6s%-21s%-21s%s\n' server gives "spent token" "newest afterwards" "unknown token"
{
  timeout 60 node run.mjs 2>warnings | grep -v '^oidc-provider NOTICE'
  timeout 60 venv/bin/python run.py 2>>warnings
} | tee seen

cat >expected <<'SEEN'
@node-oauth/oauth2-server   new   400 invalid_grant    200                  400 invalid_grant
@jmondi/oauth2-server       new   400 invalid_request  200                  400 invalid_request
oidc-provider               same  200                  200                  400 invalid_grant
  rotateRefreshToken: true  new   400 invalid_grant    400 invalid_grant    400 invalid_grant
django-oauth-toolkit        new   400 invalid_grant    200                  400 invalid_grant
SEEN
diff -u expected seen || { cat warnings; echo "changed: the servers no longer behave as recorded" >&2; exit 1; }
echo "as recorded"
