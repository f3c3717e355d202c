// An OAuth 2.0 server that is not ours (oidc-provider), its users who agree to everything, and an API that takes its
// tokens. What a client of `tegata::oauth`, or of a generated crate, sees is the server's own.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';
const client = (id, method, grants) => ({
  client_id: id,
  token_endpoint_auth_method: method,
  grant_types: ['authorization_code', 'refresh_token', DEVICE, ...grants],
  redirect_uris: ['https://app.example/back'],
  // With characters that form encoding changes.
  ...(method === 'none' ? {} : { client_secret: 'CANARY:s+%2B c&=' }),
});

const http = createServer();
await new Promise((listening) => http.listen(0, '127.0.0.1', listening));
const url = `http://127.0.0.1:${http.address().port}`;

const provider = new Provider(url, {
  clients: [
    client('basic id', 'client_secret_basic', ['client_credentials']),
    client('post id', 'client_secret_post', ['client_credentials']),
    client('public id', 'none', []),
  ],
  features: {
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    devInteractions: { enabled: false },
  },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  interactions: { url: (_, interaction) => `/agree/${interaction.uid}` },
  issueRefreshToken: () => true,
  pkce: { required: () => true },
  rotateRefreshToken: true,
});

const grant = async (clientId) => {
  const given = new provider.Grant({ accountId: 'user', clientId });
  given.addOIDCScope('openid offline_access');
  return given.save();
};

const tokenOf = async (request) => {
  const token = request.headers.authorization?.replace('Bearer ', '');
  return (await provider.AccessToken.find(token)) ?? provider.ClientCredentials.find(token);
};

const answer = (response, status) => response.writeHead(status, { 'content-type': 'application/json' }).end('{}');

const own = {
  // The user who is sent here agrees at once.
  agree: async (request, response) => {
    const { params } = await provider.interactionDetails(request, response);
    const result = { login: { accountId: 'user' }, consent: { grantId: await grant(params.client_id) } };
    await provider.interactionFinished(request, response, result);
  },
  // The user of the device enters the code and agrees, or refuses.
  decide: async (request, response) => {
    const [, , userCode, decision] = request.url.split('/');
    const code = await provider.DeviceCode.findByUserCode(userCode.replaceAll('-', ''));
    if (decision === 'refuse') {
      Object.assign(code, { error: 'access_denied' });
    } else {
      const grantId = await grant(code.clientId);
      Object.assign(code, { accountId: 'user', grantId, scope: 'openid offline_access', authTime: 1 });
    }
    await code.save();
    answer(response, 200);
  },
  // Each of the documents' schemas has an `id`.
  api: async (request, response) => {
    const status = (await tokenOf(request)) ? 200 : 401;
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"id":7}');
  },
  // From now on the API refuses this token.
  destroy: async (request, response) => {
    await (await tokenOf(request)).destroy();
    answer(response, 200);
  },
};

const others = provider.callback();
http.on('request', (request, response) => {
  const handler = own[request.url.split('/')[1]];
  if (!handler) return others(request, response);
  return handler(request, response).catch((error) => {
    console.error(error);
    answer(response, 500);
  });
});
console.log(url);

// It ends when its parent process ends.
process.stdin.on('end', () => process.exit(0)).resume();
