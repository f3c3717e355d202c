// An OAuth 2.0 server that is not ours, at the paths of AISPF's guide.
import { OAuth2Server } from 'oauth2-mock-server';

const server = new OAuth2Server(undefined, undefined, {
  endpoints: { token: '/v2/tokens' },
});
await server.issuer.keys.generate('RS256');
await server.start(0, '127.0.0.1');
console.log(`http://127.0.0.1:${server.address().port}`);

// It ends when its parent process ends.
process.stdin.on('end', () => process.exit(0)).resume();
