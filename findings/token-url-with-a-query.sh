#!/usr/bin/env bash
# A client is configured with the token URL /token?tenant=7. Do four clients keep the query, and does a server
# built on oauthlib (as django-oauth-toolkit is) take the request?
#
# Versions: pinned below; Python 3.11.
# Seen:     the table at the end.
# Surprise: RFC 6749 (3.2) says that a token URL may have a query, which MUST be retained. All clients do so,
#           oauthlib's own among them; oauthlib's server refuses every query, whatever is in it. And it does
#           not return its refusal as (headers, body, status), as it does for a wrong grant: it raises it out
#           of create_token_response, which ends as a 500 where the view around it does not catch it.
# Meaning:  a tenant or version in the token URL's query does not work with such servers: it has to go into
#           the path. A refusal "invalid_request" (or a 500) at the first token request may mean the URL, not
#           the credentials.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

pypi=(oauthlib==4.0.1 requests-oauthlib==2.0.0 authlib==1.9.9 httpx-oauth==0.17.0 google-auth==2.63.0
  requests==2.34.2)
echo "$(python3 --version), ${pypi[*]}"
python3 -m venv venv
timeout 180 venv/bin/pip install -q "${pypi[@]}"

cat >run.py <<'PY'
import asyncio
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
import google.auth.transport.requests
import google.oauth2.credentials
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from httpx_oauth.oauth2 import OAuth2
from oauthlib.oauth2 import LegacyApplicationServer, OAuth2Error, RequestValidator
from requests_oauthlib import OAuth2Session


class Validator(RequestValidator):
    """Takes any client and the refresh token "good"."""

    def client_authentication_required(self, *_):
        return True

    def authenticate_client(self, request, *_):
        request.client = type("Client", (), {"client_id": "app"})()
        return True

    def validate_grant_type(self, *_):
        return True

    def validate_refresh_token(self, token, *_):
        return token == "good"

    def get_original_scopes(self, *_):
        return []

    def validate_scopes(self, *_):
        return True

    def save_bearer_token(self, *_):
        pass


seen = []
library = LegacyApplicationServer(Validator())


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        form = self.rfile.read(int(self.headers["content-length"])).decode()
        uri = f"http://{self.headers['host']}{self.path}"
        try:
            _, body, status = library.create_token_response(uri, "POST", form, dict(self.headers))
            how = "returned"
        except OAuth2Error as error:
            body, status, how = error.json, error.status_code, "raised"
        word = "token" if status == 200 else json.loads(body)["error"]
        seen.append(f"{self.path:22}{status} {word}, {how}")
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
base = f"http://127.0.0.1:{server.server_port}"


def requests_oauthlib(url, token):
    OAuth2Session("app").refresh_token(url, refresh_token=token, client_id="app", client_secret="pass")


def authlib(url, token):
    AuthlibSession("app", "pass").refresh_token(url, refresh_token=token)


def httpx_oauth(url, token):
    asyncio.run(OAuth2("app", "pass", base, url, url).refresh_token(token))


def google_auth(url, token):
    credentials = google.oauth2.credentials.Credentials(
        None, refresh_token=token, token_uri=url, client_id="app", client_secret="pass"
    )
    credentials.refresh(google.auth.transport.requests.Request())


for name, path, token, refresh in (
    ("requests-oauthlib", "/token", "good", requests_oauthlib),
    ("requests-oauthlib", "/token", "dead", requests_oauthlib),
    ("requests-oauthlib", "/token?tenant=7", "good", requests_oauthlib),
    ("authlib", "/token?tenant=7", "good", authlib),
    ("httpx-oauth", "/token?tenant=7", "good", httpx_oauth),
    ("google-auth", "/token?tenant=7", "good", google_auth),
):
    seen.clear()
    try:
        refresh(base + path, token)
    except Exception:
        pass
    print(f"{name:20}{token:9}{seen[0]}")
PY

printf '%-20s%-9s%-22s%s\n' client token "asked for" "oauthlib's server"
timeout 60 venv/bin/python run.py | tee seen

cat >expected <<'SEEN'
requests-oauthlib   good     /token                200 token, returned
requests-oauthlib   dead     /token                400 invalid_grant, returned
requests-oauthlib   good     /token?tenant=7       400 invalid_request, raised
authlib             good     /token?tenant=7       400 invalid_request, raised
httpx-oauth         good     /token?tenant=7       400 invalid_request, raised
google-auth         good     /token?tenant=7       400 invalid_request, raised
SEEN
diff -u expected seen || { echo "changed: the libraries no longer behave as recorded" >&2; exit 1; }
echo "as recorded"
