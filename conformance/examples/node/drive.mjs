// @badgateway/oauth2-client, driven by tegata-conformance.
//
// It is used as its documentation says: the fetch wrapper renews tokens by itself, what a vendor
// does differently goes through the wrapper's middleware. Nothing is fixed on top.

import { createHash, randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { mock } from 'node:test';
import { inspect } from 'node:util';
import { OAuth2Client, OAuth2Fetch, OAuth2HttpError } from '@badgateway/oauth2-client';

const ENDPOINTS = {
  'fujitsu-aispf': (urls) => urls.auth + '/v2/tokens',
  jooto: (urls) => urls.oauth + '/oauth2/token',
  marketo: (urls) => urls.identity + '/oauth/token',
};
const BASES = { 'fujitsu-aispf': 'services', jooto: 'api', marketo: 'rest' };

class HttpError extends Error {
  constructor(response) {
    super(`HTTP ${response.status}`);
    this.status = response.status;
  }
}

class Client {
  constructor(message) {
    const { client_id, client_secret, redirect_uri, organization } = message.credentials;
    this.message = message;
    this.redirectUri = redirect_uri;
    this.organization = organization;
    this.client = new OAuth2Client({
      clientId: client_id,
      clientSecret: client_secret,
      tokenEndpoint: ENDPOINTS[message.provider](message.urls),
      authorizationEndpoint: message.urls.oauth && message.urls.oauth + '/oauth2/login',
      // AISPF takes HTTP Basic, which is what the library does if nothing is said.
      authenticationMethod: message.provider === 'fujitsu-aispf' ? undefined : 'client_secret_post',
    });
    this.token = given(message.tokens);
    this.wrapper = new OAuth2Fetch({
      client: this.client,
      getNewToken: () => (message.provider === 'jooto' ? null : this.client.clientCredentials()),
      getStoredToken: () => this.token,
      storeToken: (token) => { this.token = token; },
    });
  }

  async issue() {
    await this.wrapper.getAccessToken();
    return { said: [inspect(this.token), inspect(this.wrapper)] };
  }

  async call(task) {
    const base = this.message.urls[BASES[this.message.provider]];
    const url = task.path.startsWith('http') ? task.path : base + task.path;
    const options = { method: task.method };
    if (task.json != null) {
      options.headers = { 'content-type': 'application/json' };
      options.body = task.streaming ? stream(task.json) : task.json;
      if (task.streaming) options.duplex = 'half';
    }
    const send = (request) => {
      if (this.message.provider === 'fujitsu-aispf') {
        const token = request.headers.get('authorization').replace('Bearer ', '');
        request.headers.delete('authorization');
        request.headers.set('x-access-token', token);
      }
      return fetch(request);
    };
    const response = await this.wrapper.mw()(new Request(url, options), send);
    const body = Buffer.from(await response.arrayBuffer());
    if (!response.ok) throw new HttpError(response);
    const body_sha256 = createHash('sha256').update(body).digest('hex');
    return { status: response.status, body_sha256, said: [inspect(response)] };
  }

  async 'authorize-url'() {
    this.state = randomBytes(24).toString('base64url');
    const url = await this.client.authorizationCode.getAuthorizeUri({
      redirectUri: this.redirectUri,
      state: this.state,
      extraParams: { organization_id: this.organization },
    });
    return { url };
  }

  async callback(task) {
    const { code } = this.client.authorizationCode.validateResponse(task.url, { state: this.state });
    this.code = code;
    return {};
  }

  async exchange() {
    const { code, redirectUri } = this;
    this.token = await this.client.authorizationCode.getToken({ code, redirectUri });
    this.wrapper = new OAuth2Fetch({
      client: this.client,
      getNewToken: () => null,
      getStoredToken: () => this.token,
      storeToken: (token) => { this.token = token; },
    });
    return { said: [inspect(this.token)] };
  }
}

function stream(text) {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    },
  });
}

/** Tokens as the wrapper itself would have stored them. */
function given(tokens) {
  if (!tokens) return null;
  const { access, refresh, obtained_at, expires_in } = tokens;
  const expiresAt = expires_in == null ? null : (obtained_at + expires_in) * 1000;
  return { accessToken: access, refreshToken: refresh, expiresAt };
}

function kind(error) {
  const code = error.oauth2Code;
  const status = error.httpCode ?? error.status;
  if (code === 'invalid_grant') return 'invalid-grant';
  if (code === 'access_denied') return 'access-denied';
  if (code === 'temporarily_unavailable' || status === 429 || status >= 500) return 'transient';
  if (error instanceof OAuth2HttpError) return 'rejected';
  if (code) return 'authorization';
  if (status) return status === 401 ? 'rejected' : 'answer';
  if (error.message.includes('"state"')) return 'state-mismatch';
  if (error.message.includes('code parameter')) return 'bad-callback';
  if (error.message.includes('full reauth')) return 'invalid-grant';
  if (error.message === 'fetch failed' || error.message === 'terminated') return 'transient';
  return 'decode';
}

async function perform(clients, message) {
  try {
    if (message.open) clients.set(message.account, new Client(message));
    return { ok: await clients.get(message.account)[message.task.do](message.task) };
  } catch (error) {
    const code = typeof error.oauth2Code === 'string' ? error.oauth2Code : undefined;
    const status = error.httpCode ?? error.status;
    return { error: { kind: kind(error), status, code, said: [String(error), inspect(error)] } };
  }
}

async function* messages() {
  yield process.env.CONFORM_CONTEXT;
  yield* createInterface({ input: process.stdin });
}

const clients = new Map();
mock.timers.enable({ apis: ['Date'] });
for await (const line of messages()) {
  const message = JSON.parse(line);
  // The library takes its time from here.
  mock.timers.setTime(message.now * 1000);
  console.log(JSON.stringify(await perform(clients, message)));
}
// The wrapper has timers of its own.
process.exit(0);
