import { errorBodySchema, openAiErrorSchema } from '@prodigon/contracts';
import { encodeFrame } from '@prodigon/platform';
import { type Deployment, matrixDeployments, sharedDeployment } from '@prodigon/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { LONG_TEST_MS } from './deployment.test-support.ts';
import { openRaw, postOf } from './raw-request.test-support.ts';

interface Endpoint {
  readonly path: string;
  /** Whether errors have OpenAI's format. */
  readonly isOpenAi: boolean;
  /** The body type when it is not JSON. */
  readonly type?: string;
  readonly headers?: Record<string, string>;
}

const STREAM_HEADERS = { 'x-prodigon-stream-format': 'tokens', 'x-prodigon-generation-id': 'g' };
const PUBLIC = ['/api/v1/generate', '/api/v1/generate/stream', '/api/v1/jobs'].map((path) => ({ path, isOpenAi: false }));
const OPENAI_COMPATIBLE = ['/v1', '/openai/v1'].flatMap((prefix) =>
  ['chat/completions', 'responses', 'embeddings'].map((path) => ({ path: `${prefix}/${path}`, isOpenAi: true })),
);
const MODEL_ENDPOINTS: Endpoint[] = [
  { path: '/internal/v1/chat', isOpenAi: false },
  { path: '/internal/v1/chat/stream', isOpenAi: false, headers: STREAM_HEADERS },
  { path: '/internal/v1/embeddings', isOpenAi: false },
];
const WORKER_ENDPOINTS: Endpoint[] = [{ path: '/internal/v1/jobs', isOpenAi: false, type: 'application/x-prodigon-submission' }];

const NESTED = 200_000;
const nest = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
const nestObjects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const FIELDS = '"model":"healthy","prompt":"Hi","prompts":["Hi"],"input":"Hi","messages":[{"role":"user","content":"Hi"}]';
const badUtf8 = (hex: string) => Buffer.concat([Buffer.from('{"prompt":"'), Buffer.from(hex, 'hex'), Buffer.from('"}')]);

/** Malicious or malformed bodies. */
const BODIES: Record<string, string | Buffer> = {
  'an empty body': '',
  'half an object': '{"prompt":"Hi',
  null: 'null',
  'a number': '1e999',
  'an array': '[]',
  'nested arrays': nest(NESTED),
  'nested objects': nestObjects(NESTED),
  'nested arrays in known fields': `{${FIELDS.replace('"Hi"', nest(NESTED))},"prompts":${nest(NESTED)},"input":${nest(NESTED)},"messages":${nest(NESTED)}}`,
  'unclosed arrays': '['.repeat(NESTED),
  'truncated UTF-8': badUtf8('f09f91'),
  'overlong UTF-8': badUtf8('c0ae'),
  'UTF-16': Buffer.from(`{${FIELDS}}`, 'utf16le'),
  'bytes that are not UTF-8': badUtf8('fffe00'),
  'a __proto__ key': `{${FIELDS},"__proto__":{"isPolluted":true}}`,
  'a nested __proto__ key': `{${FIELDS},"metadata":{"a":[{"__proto__":{"isPolluted":true}}]}}`,
  'a constructor.prototype key': `{${FIELDS},"constructor":{"prototype":{"isPolluted":true}}}`,
  'an escaped __proto__ key': `{${FIELDS},"\\u005f_proto__":{"isPolluted":true}}`,
  'a wrong type in every field': '{"prompt":{"a":1},"prompts":{"length":1e9},"input":7,"messages":{"0":{}},"model":[1]}',
};

/** Unusual but valid bodies, which must succeed or be rejected, without a server error. */
const UNUSUAL_BODIES: Record<string, string> = {
  'a lone surrogate': `{${FIELDS.replaceAll('Hi', '\\ud800')}}`,
  'a NUL character': `{${FIELDS.replaceAll('Hi', 'a\\u0000b')}}`,
  'nested unknown fields': `{${FIELDS},"unknown":${nestObjects(200)}}`,
  'deeply nested unknown fields': `{${FIELDS},"unknown":${nest(NESTED)}}`,
  'a field repeated many times': `{${FIELDS.concat(',"model":"healthy"'.repeat(10_000))}}`,
};

const WRONG_TYPES = [
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/xml',
  'application/octet-stream',
  'application/json-seq',
  'text/html',
  '',
];

function expectRejected({ isOpenAi }: Endpoint, status: number, text: string): void {
  expect(status, text).toBeGreaterThanOrEqual(400);
  expect(status, text).toBeLessThan(500);
  (isOpenAi ? openAiErrorSchema : errorBodySchema).strict().parse(JSON.parse(text));
  expect(text).not.toMatch(/ {4}at |node:|\.ts:|fastify|zod/i);
}

describe.each(matrixDeployments('services'))('%s', (name) => {
  let deployment: Deployment;
  /** Server errors that earlier tests of the shared deployment caused. */
  let errorsBefore: string[][];
  beforeAll(async () => {
    deployment = await sharedDeployment(name);
    errorsBefore = await countServerErrors();
  });

  /** Returns the counters of 5xx responses by process. */
  const countServerErrors = () =>
    Promise.all(
      deployment.processes.map(async ({ url }) => {
        const metrics = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${deployment.internalToken}` } });
        return (await metrics.text()).match(/^http_requests_total\{[^}]*status="5.*$/gm) ?? [];
      }),
    );

  const targets = () => {
    const { gateway, models, workers, internalToken } = deployment;
    const pairs = (endpoints: readonly Endpoint[], apps: readonly { url: string }[]) =>
      apps.flatMap(({ url }) => endpoints.map((endpoint) => ({ endpoint, url, authorization: `Bearer ${internalToken}` })));
    return [
      ...pairs([...PUBLIC, ...OPENAI_COMPATIBLE], [gateway]),
      ...pairs(MODEL_ENDPOINTS, models),
      ...pairs(WORKER_ENDPOINTS, workers),
    ];
  };

  async function send(
    { endpoint, url, authorization }: ReturnType<typeof targets>[number],
    body: string | Buffer,
    headers: Record<string, string> = {},
  ) {
    // The worker parses the first line of a framed body.
    const bytes = endpoint.type
      ? Buffer.concat([encodeFrame(Buffer.concat([Buffer.from(body), Buffer.from('\n')])), encodeFrame(Buffer.alloc(0))])
      : Buffer.from(body);
    const response = await fetch(`${url}${endpoint.path}`, {
      method: 'POST',
      headers: { 'content-type': endpoint.type ?? 'application/json', authorization, ...endpoint.headers, ...headers },
      body: new Uint8Array(bytes),
    });
    return { status: response.status, text: await response.text() };
  }

  /** Expects that no process has returned a server error or exited, and that all of them work. */
  async function expectHealthy(): Promise<void> {
    expect(await countServerErrors()).toEqual(errorsBefore);
    for (const { url, exited } of deployment.processes) {
      expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ status: 'ok' });
      expect(await Promise.race([exited, 'running'])).toBe('running');
    }
    const response = await deployment.post('/api/v1/generate', { prompt: 'Hi', model: 'healthy' });
    expect([response.status, JSON.stringify(await response.json())]).toEqual([200, expect.not.stringContaining('isPolluted')]);
    expect(deployment.provider.calls.at(-1)?.body).not.toHaveProperty('isPolluted');
  }

  it.each(Object.entries(BODIES))(
    'rejects %s at every endpoint',
    async (_case, body) => {
      const callsBefore = deployment.provider.calls.length;
      for (const target of targets()) {
        const { status, text } = await send(target, body);
        expect(status, `${target.endpoint.path}: ${text}`).toBeLessThan(500);
        // The OpenAI-compatible endpoints forward unknown fields, so that some bodies succeed.
        if (status >= 400) expectRejected(target.endpoint, status, text);
        else expect(target.endpoint.path).toMatch(/^\/v1|^\/openai|internal/);
      }
      for (const call of deployment.provider.calls.slice(callsBefore))
        expect(JSON.stringify(call.body)).not.toContain('__proto__');
      await expectHealthy();
    },
    LONG_TEST_MS,
  );

  it.each(Object.entries(UNUSUAL_BODIES))(
    'returns no server error for %s at any endpoint',
    async (_case, body) => {
      for (const target of targets()) {
        const { status, text } = await send(target, body);
        if (status >= 300)
          expectRejected(target.endpoint, status, `${target.endpoint.path}: ${text}`.slice(target.endpoint.path.length + 2));
      }
      await expectHealthy();
    },
    LONG_TEST_MS,
  );

  it.each(WRONG_TYPES)('rejects the content type "%s" at every endpoint', async (type) => {
    for (const target of targets()) {
      const { status, text } = await send(target, `{${FIELDS}}`, { 'content-type': type });
      expect([target.endpoint.path, status]).toEqual([target.endpoint.path, 415]);
      expectRejected(target.endpoint, status, text);
    }
    await expectHealthy();
  });

  it('rejects a Content-Length above the limit before the body arrives', async () => {
    for (const { endpoint, url, authorization } of targets()) {
      // The worker streams its body and does not check Content-Length.
      if (endpoint.type) continue;
      const head = postOf(endpoint.path, '', {
        ...endpoint.headers,
        Authorization: authorization,
        'Content-Length': String(1 << 30),
      });
      const response = await openRaw(url, head).response;
      expect(response, endpoint.path).toMatch(/^HTTP\/1\.1 413 /);
      expectRejected(endpoint, 413, response.slice(response.indexOf('\r\n\r\n') + 4));
    }
    await expectHealthy();
  });

  it(
    'rejects a chunked body once it exceeds the limit',
    async () => {
      for (const { endpoint, url, authorization } of targets()) {
        const head = `POST ${endpoint.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n`;
        const all = { 'Content-Type': endpoint.type ?? 'application/json', Authorization: authorization, ...endpoint.headers };
        const lines = Object.entries(all).map(([field, value]) => `${field}: ${value}\r\n`);
        const { socket, response } = openRaw(url, `${head}${lines.join('')}\r\n`);
        const piece = `${(1 << 20).toString(16)}\r\n${'['.repeat(1 << 20)}\r\n`;
        const write = () => {
          while (socket.writable && socket.write(piece));
        };
        socket.on('drain', write);
        write();
        const text = await response;
        // The client may lose the response when the server closes a connection with unread bytes.
        if (text !== '') expect(text, endpoint.path).toMatch(/^HTTP\/1\.1 4(?:00|13|22) /);
      }
      await expectHealthy();
    },
    LONG_TEST_MS,
  );

  it('rejects conflicting body lengths and compressed bodies at every endpoint', async () => {
    for (const { endpoint, url, authorization } of targets()) {
      const body = `{${FIELDS}}`;
      const both = postOf(endpoint.path, body, { 'Transfer-Encoding': 'chunked', Authorization: authorization });
      expect(await openRaw(url, both).response, endpoint.path).toMatch(/^HTTP\/1\.1 400 /);
      const { status } = await send({ endpoint, url, authorization }, Buffer.from('1f8b0800', 'hex'), {
        'content-encoding': 'gzip',
      });
      expect([endpoint.path, status]).toEqual([endpoint.path, expect.toBeOneOf([400, 415])]);
    }
    await expectHealthy();
  });
});
