#!/usr/bin/env bash
# A login has the scopes "read write". One refresh asks for "read" alone, as RFC 6749 allows, for a token to
# hand on to something less trusted. What do the next refreshes get?
#
# Versions: pinned below; Node 20, Python 3.11. The storage of @node-oauth, @jmondi and authlib is the
#           caller's; here a plain map that keeps what the library hands it. Each refresh sends the refresh
#           token that the one before gave.
# Seen:     the table at the end: the scopes of each answer, or its error.
# Surprise: RFC 6749, section 6: the new refresh token's scope MUST be that of the one it replaces, only the
#           access token is narrower. Four of five keep the narrow scope with the new refresh token: the
#           login has lost "write" for good, a refresh without any scope gets "read" without a word, and to
#           ask for both is invalid_scope. oidc-provider alone gives "read write" again, whether it rotates
#           or not.
# Meaning:  never narrow by the refresh token that the login depends on: log in twice, or exchange the
#           access token. A client should compare "scope" in each answer with what it was granted and say
#           so, since a shrunken login shows as 403 somewhere else much later.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm=(@node-oauth/oauth2-server@5.3.0 @jmondi/oauth2-server@4.3.7 oidc-provider@9.13.3)
pypi=(django-oauth-toolkit==3.4.1 Django==5.2.19 oauthlib==4.0.1 authlib==1.9.10 Flask==3.1.3)
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
const scopes = ["read", "write"];
const login = { grant_type: "password", username: "me", password: "mine", scope: scopes.join(" ") };

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
  return { token: body.refresh_token, word: body.error ?? body.scope };
}

async function nodeOauth() {
  const tokens = new Map();
  const library = new OAuth2Server({
    model: {
      getClient: async () => ({ id: "app", grants }),
      getUser: async () => ({ id: "me" }),
      validateScope: async (user, client, asked) => asked ?? scopes,
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
  const known = scopes.map((name) => ({ name }));
  const client = { id: "app", name: "app", secret: "pass", redirectUris: [], allowedGrants: grants, scopes: known };
  const soon = () => new Date(Date.now() + 3_600_000);
  const tokens = new Map();
  let count = 0;
  const library = new AuthorizationServer(
    { getByIdentifier: async () => client, isClientValid: async () => true },
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
      revoke: async () => {},
      isRefreshTokenRevoked: async () => false,
      getByRefreshToken: async (token) => tokens.get(token),
    },
    {
      getAllByIdentifiers: async (names) => known.filter(({ name }) => names.includes(name)),
      finalize: async (asked) => asked,
    },
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
  const scope = scopes.join(" ");
  const provider = new Provider("http://127.0.0.1", {
    ...settings,
    scopes: ["offline_access", ...scopes],
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
  let [url, refresh_token] = await start();
  let row = name.padEnd(28);
  for (const scope of [undefined, "read", undefined, "read write"]) {
    const { token, word } = await ask(url, { grant_type: "refresh_token", refresh_token, ...(scope && { scope }) });
    refresh_token = token;
    row += word.padEnd(13);
  }
  console.log(row.trimEnd());
}
process.exit();
JS

cat >run.py <<'PY'
import base64
import os

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
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
    OAUTH2_PROVIDER={"SCOPES": {"read": "reads", "write": "writes"}},
)
django.setup()
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin, grants
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from flask import Flask
from oauth2_provider.models import Application

BASIC = {"authorization": "Basic " + base64.b64encode(b"app:pass").decode()}
LOGIN = {"grant_type": "password", "username": "me", "password": "mine", "scope": "read write"}


def django_oauth_toolkit():
    call_command("migrate", verbosity=0)
    Application.objects.create(
        name="app", client_id="app", client_secret="pass", hash_client_secret=False,
        client_type=Application.CLIENT_CONFIDENTIAL, authorization_grant_type=Application.GRANT_PASSWORD,
    )
    User.objects.create_user("me", password="mine")
    return lambda form: Client().post("/token/", form, headers=BASIC).json()


def authlib():
    class App(ClientMixin):
        client_id = "app"

        def check_client_secret(self, secret):
            return secret == "pass"

        def check_endpoint_auth_method(self, method, endpoint):
            return method == "client_secret_basic"

        def check_grant_type(self, grant_type):
            return grant_type in ("password", "refresh_token")

        def get_allowed_scope(self, scope):
            return scope

    class Token(TokenMixin):
        def __init__(self, token):
            self.token = token

        def check_client(self, client):
            return True

        def get_scope(self):
            return self.token["scope"]

        def get_user(self):
            return "me"

    tokens = {}

    class Password(grants.ResourceOwnerPasswordCredentialsGrant):
        def authenticate_user(self, username, password):
            return username

    class Refresh(grants.RefreshTokenGrant):
        INCLUDE_NEW_REFRESH_TOKEN = True

        def authenticate_refresh_token(self, refresh_token):
            return tokens.get(refresh_token)

        def authenticate_user(self, token):
            return token.get_user()

        def revoke_old_credential(self, token):
            del tokens[token.token["refresh_token"]]

    app = Flask("server")
    app.config["OAUTH2_REFRESH_TOKEN_GENERATOR"] = True
    server = AuthorizationServer(
        app,
        query_client=lambda _: App(),
        save_token=lambda token, _: tokens.__setitem__(token["refresh_token"], Token(token)),
    )
    server.register_grant(Password)
    server.register_grant(Refresh)
    app.add_url_rule("/token", "token", server.create_token_response, methods=["POST"])
    return lambda form: app.test_client().post("/token", data=form, headers=BASIC).get_json()


for name, start in {"django-oauth-toolkit": django_oauth_toolkit, "authlib": authlib}.items():
    ask = start()
    answer = ask(LOGIN)
    row = f"{name:28}"
    for scope in ({}, {"scope": "read"}, {}, {"scope": "read write"}):
        answer = ask({"grant_type": "refresh_token", "refresh_token": answer["refresh_token"]} | scope)
        row += f"{answer.get('error') or answer['scope']:13}"
    print(row.rstrip())
PY

printf '%-28s%-13s%-13s%-13s%s\n' "asked for:" "(nothing)" read "(nothing)" "read write"
{
  timeout 60 node run.mjs 2>warnings | grep -v '^oidc-provider NOTICE'
  timeout 60 venv/bin/python run.py 2>>warnings
} | tee seen

cat >expected <<'SEEN'
@node-oauth/oauth2-server   read write   read         read         invalid_scope
@jmondi/oauth2-server       read write   read         read         invalid_scope
oidc-provider               read write   read         read write   read write
  rotateRefreshToken: true  read write   read         read write   read write
django-oauth-toolkit        read write   read         read         invalid_scope
authlib                     read write   read         read         invalid_scope
SEEN
diff -u expected seen || { cat warnings; echo "changed: the servers no longer behave as recorded" >&2; exit 1; }
echo "as recorded"
