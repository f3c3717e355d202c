"""Authlib's OAuth2Session, driven by tegata-conformance.

It is used as its documentation says: the session renews tokens by itself, what a vendor does
differently goes through the hooks that the library has for it. Nothing is fixed on top.
"""

import hashlib
import json
import os
import sys
import time
import traceback

import requests
from authlib.common.urls import add_params_to_uri
from authlib.integrations.base_client import InvalidTokenError, UnsupportedTokenTypeError
from authlib.integrations.requests_client import OAuth2Session, OAuthError
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749.errors import MismatchingStateException, MissingCodeException
from authlib.oauth2.rfc6749.parameters import parse_authorization_code_response

KINDS = {
    "invalid_grant": "invalid-grant",
    "server_error": "transient",
    "temporarily_unavailable": "transient",
}


def in_query(client, method, uri, headers, body):
    """Marketo's GET: id and secret stand in the query."""
    credentials = [("client_id", client.client_id), ("client_secret", client.client_secret)]
    return add_params_to_uri(uri, credentials), headers, body


def in_access_token_header(uri, headers, body):
    """AISPF: the token goes into a header of its own."""
    headers["X-Access-Token"] = headers.pop("Authorization").removeprefix("Bearer ")
    return uri, headers, body


class Client:
    def __init__(self, message):
        self.provider, self.urls = message["provider"], message["urls"]
        self.credentials = credentials = message["credentials"]
        options = {"token_endpoint_auth_method": "client_secret_post"}
        self.how = {"grant_type": "client_credentials"}
        if self.provider == "fujitsu-aispf":
            endpoint = self.urls["auth"] + "/v2/tokens"
            options = {"token_endpoint_auth_method": "client_secret_basic"}
        elif self.provider == "jooto":
            endpoint = self.urls["oauth"] + "/oauth2/token"
            self.how = {}
        else:
            endpoint = self.urls["identity"] + "/oauth/token"
            if message["token_request"] == "get":
                options = {"token_endpoint_auth_method": "in_query"}
                self.how["method"] = "GET"
            if message["placement"] == "query":
                options["token_placement"] = "uri"
            if credentials["partner_id"]:
                self.how["partner_id"] = credentials["partner_id"]
        grant = {k: v for k, v in self.how.items() if k == "grant_type"}
        self.session = OAuth2Session(
            credentials["client_id"],
            credentials["client_secret"],
            redirect_uri=credentials["redirect_uri"],
            token_endpoint=endpoint,
            token=given(message["tokens"]),
            **grant,
            **options,
        )
        self.session.register_client_auth_method(("in_query", in_query))
        if self.provider == "fujitsu-aispf":
            self.session.register_compliance_hook("protected_request", in_access_token_header)
        self.endpoint, self.state, self.callback_url = endpoint, None, None

    def issue(self, _task):
        if not self.session.token:
            self.session.fetch_token(self.endpoint, **self.how)
        self.session.ensure_active_token()
        return {"said": [repr(self.session.token)]}

    def call(self, task):
        if not self.session.token and self.how:
            self.session.fetch_token(self.endpoint, **self.how)
        path = task["path"]
        base = self.urls[{"jooto": "api", "marketo": "rest"}.get(self.provider, "services")]
        url = path if path.startswith("http") else base + path
        body, headers = task.get("json"), {}
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = iter([body.encode()]) if task["streaming"] else body.encode()
        answer = self.session.request(task["method"], url, data=body, headers=headers)
        answer.raise_for_status()
        digest = hashlib.sha256(answer.content).hexdigest()
        return {"status": answer.status_code, "body_sha256": digest, "said": [repr(answer)]}

    def authorize_url(self, _task):
        url, self.state = self.session.create_authorization_url(
            self.urls["oauth"] + "/oauth2/login",
            organization_id=self.credentials["organization"],
        )
        return {"url": url}

    def callback(self, task):
        parse_authorization_code_response(task["url"], state=self.state)
        self.callback_url = task["url"]
        return {}

    def exchange(self, _task):
        token = self.session.fetch_token(
            self.endpoint, authorization_response=self.callback_url, state=self.state
        )
        return {"said": [repr(token)]}


def given(tokens):
    """Tokens as the session itself would have stored them."""
    if not tokens:
        return None
    token = {"access_token": tokens["access"], "token_type": "Bearer"}
    if tokens["refresh"]:
        token["refresh_token"] = tokens["refresh"]
    if tokens["expires_in"] is not None:
        token["expires_at"] = tokens["obtained_at"] + tokens["expires_in"]
    return token


def failure(error):
    said = traceback.format_exception(error)
    answer = {"kind": "decode", "said": said + [repr(error)]}
    if isinstance(error, requests.HTTPError):
        answer["status"] = status = error.response.status_code
        if status == 429 or status >= 500:
            answer["kind"] = "transient"
        else:
            answer["kind"] = "rejected" if status == 401 else "answer"
    elif isinstance(error, MismatchingStateException):
        answer["kind"] = "state-mismatch"
    elif isinstance(error, MissingCodeException):
        answer["kind"] = "bad-callback"
    elif isinstance(error, InvalidTokenError):
        answer["kind"] = "invalid-grant"
    elif isinstance(error, UnsupportedTokenTypeError):
        pass
    elif isinstance(error, (OAuthError, OAuth2Error)):
        # What a server puts there need not be a text.
        code = error.error if isinstance(error.error, str) else None
        answer["kind"], answer["code"] = KINDS.get(code, "rejected"), code
    elif isinstance(error, requests.exceptions.JSONDecodeError):
        pass
    elif isinstance(error, requests.RequestException):
        answer["kind"] = "transient"
    return answer


def main():
    clients = {}
    first = [os.environ["CONFORM_CONTEXT"]]
    for lines in (first, sys.stdin):
        for line in lines:
            message = json.loads(line)
            # The library takes its time from here.
            time.time = lambda now=message["now"]: now
            account, task = message["account"], message["task"]
            try:
                if message["open"]:
                    clients[account] = Client(message)
                do = getattr(clients[account], task["do"].replace("-", "_"))
                answer = {"ok": do(task)}
            except Exception as error:
                answer = {"error": failure(error)}
            print(json.dumps(answer), flush=True)


main()
