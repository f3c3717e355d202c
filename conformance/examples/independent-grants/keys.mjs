// A server that is not ours for operations that take a key and a signature: `express-openapi-validator` reads the document
// itself, and holds each request to its `security` and its schemas. Only the values are ours.
import express from 'express';
import { middleware } from 'express-openapi-validator';

const values = { apiKey: 'CANARY-key', signature: 'CANARY-signature' };
const handler = (name) => (request, _, scheme) => request.headers[scheme.name.toLowerCase()] === values[name];

const app = express();
// From now on the API takes another key.
app.post('/rotate', (_, response) => {
  values.apiKey = 'CANARY-next-key';
  response.json({});
});
app.use(express.json());
app.use(
  middleware({
    apiSpec: process.argv[2],
    validateResponses: true,
    validateSecurity: { handlers: { apiKey: handler('apiKey'), signature: handler('signature') } },
  }),
);
app.post('/v2/orders', (request, response) => response.status(201).json({ id: request.body.id, state: 'open' }));
app.get('/v2/health', (_, response) => response.status(204).end());
app.use((error, _, response, next) => {
  if (response.headersSent) return next(error);
  return response.status(error.status ?? 500).json({ message: error.message });
});
const server = app.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));

// It ends when its parent process ends.
process.stdin.on('end', () => process.exit(0)).resume();
