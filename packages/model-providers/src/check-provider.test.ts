import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ProviderDefinition } from '@prodigon/platform';
import type { CallContext } from '@prodigon/ports';
import { expect, it, onTestFinished } from 'vitest';
import { checkProvider } from './check-provider.ts';

const context = { requestId: 'r', signal: new AbortController().signal } as CallContext;
const REFUSED = { status: 401, body: { error: { code: 'invalid_api_key', message: 'Wrong key wrong-key' } } };
const MODELS = { status: 200, body: { data: [{ id: 'small' }] } };
const COMPLETION = { status: 200, body: { choices: [{ message: { content: 'H' }, finish_reason: 'length' }] } };
type Reply = typeof REFUSED | typeof MODELS | typeof COMPLETION;

/** Starts a provider whose responses depend on the path and on whether the request has the right key. */
async function check(replyTo: (path: string, isAuthenticated: boolean) => Reply, apiKey: string | undefined) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const { status, body } = replyTo(request.url ?? '', request.headers.authorization === 'Bearer right-key');
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const apiKeys = apiKey === undefined ? [] : [apiKey];
  const definition: ProviderDefinition = { name: 'acme', baseUrls: [baseUrl], apiKeys, headers: {}, secrets: apiKeys };
  const result = await checkProvider(definition, context, { connectTimeoutMs: 5_000 }).then(
    () => 'accepted',
    (thrown) => thrown,
  );
  return { result, requests };
}

const privateList = (_path: string, isAuthenticated: boolean) => (isAuthenticated ? MODELS : REFUSED);
const publicList = (path: string, isAuthenticated: boolean) =>
  path === '/models' ? MODELS : isAuthenticated ? COMPLETION : REFUSED;

it('accepts a key that lists the models, without generating a token', async () => {
  const { result, requests } = await check(privateList, 'right-key');
  expect([result, requests]).toEqual(['accepted', ['GET /models', 'GET /models']]);
});

it('generates one token when the provider lists its models for any key', async () => {
  const { result, requests } = await check(publicList, 'right-key');
  expect([result, requests.at(-1)]).toEqual(['accepted', 'POST /chat/completions']);
});

it.each([
  ['refuses to list its models', privateList],
  ['lists its models for any key', publicList],
])('reports a refused key of a provider that %s, without the key', async (_case, replyTo) => {
  const { result } = await check(replyTo, 'wrong-key');
  expect(result).toMatchObject({ code: 'PROVIDER_KEY_REFUSED', message: 'acme refused the key, so it was not stored.' });
  expect(JSON.stringify(result.toBody('id'))).not.toContain('wrong-key');
});

it('asks for a key when the server refuses a request without one', async () => {
  const message = 'acme requires a key at this address.';
  expect((await check(privateList, undefined)).result).toMatchObject({
    code: 'VALIDATION_ERROR',
    message,
    details: [{ path: 'api_key', message }],
  });
});

it('accepts a key whose account has no credit', async () => {
  const quota = { status: 429, body: { error: { code: 'insufficient_quota', message: 'No credit' } } } as unknown as Reply;
  expect((await check(() => quota, 'right-key')).result).toBe('accepted');
});

it('accepts a server without keys that lists its models, and reports one that does not', async () => {
  expect((await check(() => MODELS, undefined)).result).toBe('accepted');
  const page = { status: 404, body: {} } as unknown as Reply;
  expect((await check(() => page, undefined)).result).toMatchObject({ code: 'INFERENCE_ERROR' });
});
