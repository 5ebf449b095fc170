import { errorBodySchema, openAiErrorSchema } from '@prodigon/contracts';
import { DEPLOYMENTS, type Deployment, type DeploymentName, startDeployment } from '@prodigon/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LONG_TEST_MS } from './deployment.test-support.ts';
import { openRaw, postOf } from './raw-request.test-support.ts';

interface Face {
  readonly path: string;
  /** Whose errors have OpenAI's form. */
  readonly isOpenAi: boolean;
  /** Besides JSON, what it takes as a body. */
  readonly type?: string;
  readonly headers?: Record<string, string>;
}

const STREAM_HEADERS = { 'x-prodigon-stream-format': 'tokens', 'x-prodigon-generation-id': 'g' };
const OURS = ['/api/v1/generate', '/api/v1/generate/stream', '/api/v1/jobs'].map((path) => ({ path, isOpenAi: false }));
const OPENAI = ['/v1', '/openai/v1'].flatMap((prefix) =>
  ['chat/completions', 'responses', 'embeddings'].map((path) => ({ path: `${prefix}/${path}`, isOpenAi: true })),
);
const OF_MODEL: Face[] = [
  { path: '/internal/v1/chat', isOpenAi: false },
  { path: '/internal/v1/chat/stream', isOpenAi: false, headers: STREAM_HEADERS },
  { path: '/internal/v1/embeddings', isOpenAi: false },
];
const OF_WORKER: Face[] = [{ path: '/internal/v1/jobs', isOpenAi: false, type: 'application/x-prodigon-submission' }];

const NESTED = 200_000;
const nest = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
const nestObjects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const ASKING = '"model":"healthy","prompt":"Hi","prompts":["Hi"],"input":"Hi","messages":[{"role":"user","content":"Hi"}]';
const badUtf8 = (hex: string) => Buffer.concat([Buffer.from('{"prompt":"'), Buffer.from(hex, 'hex'), Buffer.from('"}')]);

/** Bodies that nobody means well with; none is worth an answer of a model. */
const BODIES: Record<string, string | Buffer> = {
  nothing: '',
  'a broken half': '{"prompt":"Hi',
  null: 'null',
  'a number': '1e999',
  'an array': '[]',
  'arrays in arrays': nest(NESTED),
  'objects in objects': nestObjects(NESTED),
  'arrays in arrays in a field that it knows': `{${ASKING.replace('"Hi"', nest(NESTED))},"prompts":${nest(NESTED)},"input":${nest(NESTED)},"messages":${nest(NESTED)}}`,
  'arrays that never end': '['.repeat(NESTED),
  'UTF-8 that is cut': badUtf8('f09f91'),
  'UTF-8 that is too long for what it says': badUtf8('c0ae'),
  'UTF-16': Buffer.from(`{${ASKING}}`, 'utf16le'),
  'bytes of no text': badUtf8('fffe00'),
  'a prototype': `{${ASKING},"__proto__":{"isPolluted":true}}`,
  'a prototype deep inside': `{${ASKING},"metadata":{"a":[{"__proto__":{"isPolluted":true}}]}}`,
  'a prototype by its constructor': `{${ASKING},"constructor":{"prototype":{"isPolluted":true}}}`,
  'a prototype in escapes': `{${ASKING},"\\u005f_proto__":{"isPolluted":true}}`,
  'wrong types everywhere': '{"prompt":{"a":1},"prompts":{"length":1e9},"input":7,"messages":{"0":{}},"model":[1]}',
};

/** Bodies that a model could be asked with: no refusal is needed, only no failure. */
const STRANGE_BODIES: Record<string, string> = {
  'half a character': `{${ASKING.replaceAll('Hi', '\\ud800')}}`,
  'the character of number zero': `{${ASKING.replaceAll('Hi', 'a\\u0000b')}}`,
  'fields that nobody knows, deep': `{${ASKING},"unknown":${nestObjects(200)}}`,
  'fields that nobody knows, very deep': `{${ASKING},"unknown":${nest(NESTED)}}`,
  'the same field many times': `{${ASKING.concat(',"model":"healthy"'.repeat(10_000))}}`,
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

function expectRefused({ isOpenAi }: Face, status: number, text: string): void {
  expect(status, text).toBeGreaterThanOrEqual(400);
  expect(status, text).toBeLessThan(500);
  (isOpenAi ? openAiErrorSchema : errorBodySchema).strict().parse(JSON.parse(text));
  expect(text).not.toMatch(/ {4}at |node:|\.ts:|fastify|zod/i);
}

let deployment: Deployment;
const running = new Map<DeploymentName, Deployment>();
afterAll(async () => {
  await Promise.all([...running.values()].map((each) => each.close()));
});

describe.each(DEPLOYMENTS)('%s', (name) => {
  beforeAll(async () => {
    deployment = await startDeployment(name);
    running.set(name, deployment);
  });

  const targets = () => {
    const { gateway, models, workers, internalToken } = deployment;
    const faces = (list: readonly Face[], apps: readonly { url: string }[]) =>
      apps.flatMap(({ url }) => list.map((face) => ({ face, url, authorization: `Bearer ${internalToken}` })));
    return [...faces([...OURS, ...OPENAI], [gateway]), ...faces(OF_MODEL, models), ...faces(OF_WORKER, workers)];
  };

  async function send(
    { face, url, authorization }: ReturnType<typeof targets>[number],
    body: string | Buffer,
    headers: Record<string, string> = {},
  ) {
    // The worker's face takes lines.
    const bytes = Buffer.concat([Buffer.from(body), Buffer.from(face.type ? '\n' : '')]);
    const response = await fetch(`${url}${face.path}`, {
      method: 'POST',
      headers: { 'content-type': face.type ?? 'application/json', authorization, ...face.headers, ...headers },
      body: new Uint8Array(bytes),
    });
    return { status: response.status, text: await response.text() };
  }

  /** Nobody has failed inside, and everybody goes on working. */
  async function expectUnharmed(): Promise<void> {
    for (const { url, exited } of deployment.processes) {
      const metrics = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${deployment.internalToken}` } });
      expect((await metrics.text()).match(/^http_requests_total\{[^}]*status="5.*$/gm)).toBeNull();
      expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ status: 'ok' });
      expect(await Promise.race([exited, 'it runs'])).toBe('it runs');
    }
    const answer = await deployment.post('/api/v1/generate', { prompt: 'Hi', model: 'healthy' });
    expect([answer.status, JSON.stringify(await answer.json())]).toEqual([200, expect.not.stringContaining('isPolluted')]);
    expect(deployment.provider.calls.at(-1)?.body).not.toHaveProperty('isPolluted');
  }

  it.each(Object.entries(BODIES))(
    'every face refuses %s',
    async (_what, body) => {
      const callsBefore = deployment.provider.calls.length;
      for (const target of targets()) {
        const { status, text } = await send(target, body);
        expect(status, `${target.face.path}: ${text}`).toBeLessThan(500);
        // OpenAI's API passes on what it does not know; what it passes on must be harmless.
        if (status >= 400) expectRefused(target.face, status, text);
        else expect(target.face.path).toMatch(/^\/v1|^\/openai|internal/);
      }
      for (const call of deployment.provider.calls.slice(callsBefore))
        expect(JSON.stringify(call.body)).not.toContain('__proto__');
      await expectUnharmed();
    },
    LONG_TEST_MS,
  );

  it.each(Object.entries(STRANGE_BODIES))(
    'no face fails at %s',
    async (_what, body) => {
      for (const target of targets()) {
        const { status, text } = await send(target, body);
        if (status >= 300) expectRefused(target.face, status, `${target.face.path}: ${text}`.slice(target.face.path.length + 2));
      }
      await expectUnharmed();
    },
    LONG_TEST_MS,
  );

  it.each(WRONG_TYPES)('every face refuses a body of the type "%s"', async (type) => {
    for (const target of targets()) {
      const { status, text } = await send(target, `{${ASKING}}`, { 'content-type': type });
      expect([target.face.path, status]).toEqual([target.face.path, 415]);
      expectRefused(target.face, status, text);
    }
    await expectUnharmed();
  });

  it('every face refuses what is too large before it has come', async () => {
    for (const { face, url, authorization } of targets()) {
      // The worker reads its lines one by one.
      if (face.type) continue;
      const head = postOf(face.path, '', { ...face.headers, Authorization: authorization, 'Content-Length': String(1 << 30) });
      const answer = await openRaw(url, head).answer;
      expect(answer, face.path).toMatch(/^HTTP\/1\.1 413 /);
      expectRefused(face, 413, answer.slice(answer.indexOf('\r\n\r\n') + 4));
    }
    await expectUnharmed();
  });

  it(
    'every face refuses what turns out to be too large while it comes',
    async () => {
      for (const { face, url, authorization } of targets()) {
        const head = `POST ${face.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n`;
        const all = { 'Content-Type': face.type ?? 'application/json', Authorization: authorization, ...face.headers };
        const lines = Object.entries(all).map(([field, value]) => `${field}: ${value}\r\n`);
        const { socket, answer } = openRaw(url, `${head}${lines.join('')}\r\n`);
        const piece = `${(1 << 20).toString(16)}\r\n${'['.repeat(1 << 20)}\r\n`;
        const pour = () => {
          while (socket.writable && socket.write(piece));
        };
        socket.on('drain', pour);
        pour();
        const text = await answer;
        // A connection that is closed with bytes under way may lose the answer.
        if (text !== '') expect(text, face.path).toMatch(/^HTTP\/1\.1 4(?:00|13) /);
      }
      await expectUnharmed();
    },
    LONG_TEST_MS,
  );

  it('nobody is confused by two lengths, by a compressed body or by a request in a request', async () => {
    for (const { face, url, authorization } of targets()) {
      const body = `{${ASKING}}`;
      const both = postOf(face.path, body, { 'Transfer-Encoding': 'chunked', Authorization: authorization });
      expect(await openRaw(url, both).answer, face.path).toMatch(/^HTTP\/1\.1 400 /);
      const { status } = await send({ face, url, authorization }, Buffer.from('1f8b0800', 'hex'), { 'content-encoding': 'gzip' });
      expect([face.path, status]).toEqual([face.path, expect.toBeOneOf([400, 415])]);
    }
    await expectUnharmed();
  });
});
