import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { existsSync, writeFileSync } from 'node:fs';
import { connect, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { SETTINGS } from '@prodigon/platform';
import { describe, expect, it, vi } from 'vitest';
import {
  build,
  createFolder,
  generate,
  listen,
  shareDatabase,
  start,
  startFailing,
  startProcess,
  type VariableTests,
} from './environment-variables.test-support.ts';
import { JOB_VARIABLES } from './job-variables.test-support.ts';
import { PROVIDER_VARIABLES } from './provider-variables.test-support.ts';

/** Fastify publishes each request here before it calls the handler. */
const HANDLER_START = 'tracing:fastify.request.handler:start';

shareDatabase();

/** A test for each variable that fails when apps ignore it. Apps run in this process unless the effect needs a separate one. */
const EFFECTS: VariableTests = {
  ...JOB_VARIABLES,
  ...PROVIDER_VARIABLES,
  async HOST() {
    const { url } = await start('monolith', { HOST: '127.0.0.2' });
    expect(new URL(url).hostname).toBe('127.0.0.2');
  },
  async INTERNAL_HOST() {
    const { url } = await start('model', { INTERNAL_HOST: '127.0.0.2' });
    expect(new URL(url).hostname).toBe('127.0.0.2');
  },
  async GATEWAY_PORT() {
    const port = await listen(createTcpServer());
    const failure = await startFailing('monolith', { GATEWAY_PORT: String(port) });
    expect(failure.exit.code).toBe(78);
    expect(failure.output).toContain(`Port ${port} on 127.0.0.1 is taken by another program: set GATEWAY_PORT to a free port`);
    expect(failure.output).not.toContain('    at ');
    await expectPort('gateway', 'GATEWAY_PORT');
  },
  MODEL_PORT: () => expectPort('model', 'MODEL_PORT'),
  async MODEL_GRPC_PORT() {
    const port = await listen(createTcpServer());
    const failure = await startFailing('model', { MODEL_GRPC_PORT: String(port) });
    expect(failure.exit.code).toBe(78);
    expect(failure.output).toContain(`Port ${port} on 127.0.0.1 is taken by another program: set MODEL_GRPC_PORT to a free port`);
    expect(failure.output).not.toContain('    at ');
    expect(await build('model', { MODEL_GRPC_PORT: '4711' })).toMatchObject({ grpc: { port: 4711 } });
    // Without the variable, a process on its default ports serves gRPC on the first free port from 8011 on.
    expect(await build('model', { MODEL_PORT: '' })).toMatchObject({ grpc: { port: undefined, defaultPort: 8011 } });
  },
  async CHAT_PORT() {
    const port = await listen(createTcpServer());
    const failure = await startFailing('gateway', { CHAT_PORT: String(port) });
    expect(failure.exit.code).toBe(78);
    expect(failure.output).toContain(`Port ${port} on 127.0.0.1 is taken by another program: set CHAT_PORT to a free port`);
    expect(await build('monolith', { CHAT_PORT: '4711' })).toMatchObject({ internal: { port: 4711 } });
    // Without the variable, a gateway on its default port serves other gateways on the first free port from 8004 on.
    expect(await build('gateway', { GATEWAY_PORT: '' })).toMatchObject({ internal: { port: undefined, defaultPort: 8004 } });
  },
  WORKER_PORT: () => expectPort('worker', 'WORKER_PORT'),
  async WORKER_SERVICE_URL() {
    const shared = { INTERNAL_TOKEN: 'token-of-this-test-0123' };
    const worker = await start('worker', shared);
    const gateway = await start('gateway', { ...shared, WORKER_SERVICE_URL: worker.url });
    expect((await fetch(`${gateway.url}/api/v1/jobs`)).status).toBe(200);
  },
  async GATEWAY_SERVICE_URL() {
    const [first, other] = [await start('gateway'), await start('gateway')];
    const { url } = await start('gateway', { GATEWAY_SERVICE_URL: `${first.url},${other.url}` });
    const statuses = async () => {
      const { services } = await (await fetch(`${url}/api/v1/system/overview`)).json();
      return services.flatMap(({ name, status }: { name: string; status: string }) =>
        name.startsWith('gateway') ? [status] : [],
      );
    };
    await expect.poll(statuses).toEqual(['up', 'up']);
  },
  LAB_PORT: () => expectPort('lab', 'LAB_PORT'),
  async LAB_SERVICE_URL() {
    const shared = { INTERNAL_TOKEN: 'token-of-this-test-0123', LABS: 'on' };
    const lab = await start('lab', shared);
    for (const app of ['gateway', 'monolith'] as const) {
      const { url } = await start(app, { ...shared, LAB_SERVICE_URL: lab.url });
      expect((await fetch(`${url}/api/v1/workshop`)).status).toBe(200);
    }
  },
  async LABS() {
    const codeOf = async (LABS: string, HOST = '127.0.0.1') => {
      const { server } = await build('gateway', {
        LABS,
        HOST,
        API_KEYS: 'key-of-this-test-0123',
        LAB_SERVICE_URL: 'http://127.0.0.1:1',
      });
      const headers = { authorization: 'Bearer key-of-this-test-0123' };
      return (await server.inject({ url: '/api/v1/workshop', headers })).json().error.code;
    };
    expect([await codeOf('on'), await codeOf('off')]).toEqual(['SERVICE_UNAVAILABLE', 'LABS_DISABLED']);
    expect([await codeOf(''), await codeOf('', '0.0.0.0')]).toEqual(['SERVICE_UNAVAILABLE', 'LABS_DISABLED']);
  },
  async API_KEYS() {
    const { url } = await start('monolith', { API_KEYS: 'first-key-0123456789, second-key-0123456789' });
    expect((await fetch(`${url}/api/v1/models`)).status).toBe(401);
    expect((await fetch(`${url}/api/v1/models`, { headers: { authorization: 'Bearer second-key-0123456789' } })).status).toBe(
      200,
    );
    const named = await start('gateway', { API_KEYS: 'ada=key-of-ada-0123456789,grace:admin=key-of-grace-0123456789' });
    const me = async (name: string) =>
      (await fetch(`${named.url}/api/v1/me`, { headers: { authorization: `Bearer key-of-${name}-0123456789` } })).json();
    expect([await me('ada'), await me('grace')]).toMatchObject([
      { owner: 'ada', role: 'member' },
      { owner: 'grace', role: 'admin' },
    ]);
  },
  LIMIT_REQUESTS_PER_MIN: () => expectRateLimit('requests', 'LIMIT_REQUESTS_PER_MIN'),
  LIMIT_TOKENS_PER_MIN: () => expectRateLimit('tokens', 'LIMIT_TOKENS_PER_MIN'),
  async LIMIT_STREAMS() {
    const { url } = await start('monolith', { LIMIT_STREAMS: '1', USE_MOCK: 'true' });
    const disconnecting = new AbortController();
    const open = await stream(url, 'prodigon-sim?ttft_ms=0&tokens=1000&fault=stall', disconnecting.signal);
    const rejected = await stream(url, 'prodigon-sim?ttft_ms=0');
    expect([open.status, rejected.status]).toEqual([200, 429]);
    disconnecting.abort();
  },
  async CACHE_TTL_S() {
    const resultsWith = async (CACHE_TTL_S: string) => {
      const { url } = await start('monolith', { CACHE_TTL_S, USE_MOCK: 'true' });
      return [await cacheResult(url, 10), await cacheResult(url, 10)];
    };
    expect([await resultsWith('600'), await resultsWith('0')]).toEqual([
      ['miss', 'hit'],
      [null, null],
    ]);
  },
  async CACHE_MB_MAX() {
    const resultsWith = async (CACHE_MB_MAX: string) => {
      const { url } = await start('monolith', { CACHE_TTL_S: '600', CACHE_MB_MAX, USE_MOCK: 'true' });
      // About 0.5 MB each.
      for (const tokens of [100_001, 100_002, 100_003]) await cacheResult(url, tokens);
      return [await cacheResult(url, 100_001), await cacheResult(url, 100_001)];
    };
    expect([await resultsWith('1'), await resultsWith('2048')]).toEqual([
      ['miss', 'hit'],
      ['hit', 'hit'],
    ]);
  },
  async REQUIRE_API_KEY() {
    const statusWith = async (REQUIRE_API_KEY: string, API_KEYS = '') => {
      const { url } = await start('gateway', { REQUIRE_API_KEY, API_KEYS });
      return (await fetch(`${url}/api/v1/me`)).status;
    };
    expect([await statusWith(''), await statusWith('on'), await statusWith('off', 'key-of-this-test-0123')]).toEqual([
      200, 401, 200,
    ]);
  },
  async ALLOW_ANONYMOUS() {
    const statusWith = async (env: Record<string, string>) => {
      const { server } = await build('gateway', { HOST: '0.0.0.0', ALLOW_ANONYMOUS: 'true', ...env });
      return (await server.inject({ url: '/v1', headers: { host: 'localhost' } })).statusCode;
    };
    expect(await statusWith({})).toBe(200);
    expect(await statusWith({ API_KEYS: 'key-of-this-test-0123' })).toBe(401);
    await expect(build('gateway', { HOST: '0.0.0.0' })).rejects.toThrow('set API_KEYS');
  },
  async INTERNAL_TOKEN() {
    const { url } = await start('model', { INTERNAL_TOKEN: 'token-of-this-test-0123' });
    const listModels = (token: string) => fetch(`${url}/internal/v1/models`, { headers: { authorization: `Bearer ${token}` } });
    expect([(await listModels('token-of-this-test-0123')).status, (await listModels('token-of-another-0123456')).status]).toEqual(
      [200, 401],
    );
  },
  async TRUSTED_PROXIES() {
    const clientAddress = async (TRUSTED_PROXIES: string) => {
      const { server } = await build('gateway', { TRUSTED_PROXIES });
      let address = '';
      const onRequest = (message: unknown) => {
        address = (message as { request: { ip: string } }).request.ip;
      };
      subscribe(HANDLER_START, onRequest);
      await server.inject({ url: '/livez', headers: { 'x-forwarded-for': '203.0.113.7' } });
      unsubscribe(HANDLER_START, onRequest);
      return address;
    };
    expect(await clientAddress('10.0.0.0/8 127.0.0.1')).toBe('203.0.113.7');
    expect(await clientAddress('10.0.0.0/8')).toBe('127.0.0.1');
  },
  async ALLOWED_ORIGINS() {
    const { url } = await start('monolith', { ALLOWED_ORIGINS: 'https://chat.example.com' });
    const statusFor = async (origin: string) => (await fetch(`${url}/api/v1/models`, { headers: { origin } })).status;
    expect([await statusFor('https://chat.example.com'), await statusFor('https://evil.example.com')]).toEqual([200, 403]);
  },
  async ALLOW_LOCAL_ORIGINS() {
    const { url } = await start('monolith', { ALLOW_LOCAL_ORIGINS: 'false' });
    const headers = { origin: 'http://localhost:5173' };
    expect((await fetch(`${url}/api/v1/models`, { headers })).status).toBe(403);
  },
  async BODIES_MB_MAX() {
    const { url } = await start('monolith', { BODIES_MB_MAX: '1' });
    const messages = [{ role: 'user', content: 'x'.repeat(2 << 20) }];
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ messages }),
    });
    expect(response.status).toBe(503);
  },
  async STREAMS_MAX() {
    const { url } = await start('monolith', { STREAMS_MAX: '1' });
    const stalled = { model: 'prodigon-sim?ttft_ms=0&fault=stall' };
    expect((await generate(url, stalled, '/stream')).status).toBe(200);
    expect((await generate(url, stalled, '/stream')).status).toBe(503);
  },
  async DRAIN_NOTICE_MS() {
    const { url, kill, exited } = await startProcess('monolith', { DRAIN_NOTICE_MS: '3600000' });
    kill('SIGTERM');
    await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(503), { timeout: 60_000 });
    expect((await generate(url, { model: 'prodigon-sim?ttft_ms=0&tokens=1' })).status).toBe(200);
    kill('SIGKILL');
    expect(await exited).toMatchObject({ signal: 'SIGKILL' });
  },
  async DRAIN_TIMEOUT_MS() {
    const { url, kill, exited } = await startProcess('monolith', { DRAIN_TIMEOUT_MS: '50' });
    const response = await generate(url, { model: 'prodigon-sim?ttft_ms=0&fault=stall' }, '/stream');
    kill('SIGTERM');
    expect(await response.text()).toMatch(/\[ERROR\] The service is shutting down\.\n\n$/);
    expect(await exited).toEqual({ code: 0, signal: null });
  },
  async CONTENT_DIRS() {
    const { url } = await start('monolith', { CONTENT_DIRS: 'docs/guide' });
    const { entries } = await (await fetch(`${url}/api/v1/content`)).json();
    expect(entries.length).toBeGreaterThan(10);
    expect(entries.every(({ path }: { path: string }) => path.startsWith('docs/guide/'))).toBe(true);
  },
  async DATA_DIR() {
    const directory = createFolder();
    await start('model', { DATA_DIR: join(directory, 'inner') });
    expect(existsSync(join(directory, 'inner/internal-token'))).toBe(true);
  },
  async MODEL_SERVICE_URL() {
    const shared = { INTERNAL_TOKEN: 'token-of-this-test-0123' };
    const model = await start('model', shared);
    const gateway = await start('gateway', { ...shared, MODEL_SERVICE_URL: model.url });
    expect((await generate(gateway.url, { model: 'prodigon-sim?ttft_ms=0&tokens=1' })).status).toBe(200);
  },
  async MODEL_GRPC_URL() {
    const shared = { INTERNAL_TOKEN: 'token-of-this-test-0123' };
    const model = await startProcess('model', shared);
    const urls = { MODEL_SERVICE_URL: model.url, MODEL_GRPC_URL: model.grpcUrl ?? '' };
    const gateway = await start('gateway', { ...shared, ...urls, MODEL_TRANSPORT: 'grpc' });
    expect((await generate(gateway.url, { model: 'prodigon-sim?ttft_ms=0&tokens=1' })).status).toBe(200);
    await expect.poll(model.output).toContain('/prodigon.inference.v1.InferenceService/Generate');
  },
  async MODEL_REQUESTS_PER_CONNECTION() {
    const shared = { INTERNAL_TOKEN: 'token-of-this-test-0123' };
    const model = await start('model', shared);
    let connections = 0;
    const port = await listen(
      createTcpServer((socket) => {
        connections += 1;
        const upstream = connect(Number(new URL(model.url).port), '127.0.0.1');
        for (const each of [socket, upstream]) each.on('error', () => {});
        socket.pipe(upstream).pipe(socket);
      }),
    );
    const gateway = await start('gateway', {
      ...shared,
      MODEL_SERVICE_URL: `http://127.0.0.1:${port}`,
      MODEL_TRANSPORT: 'http1',
      MODEL_REQUESTS_PER_CONNECTION: '2',
    });
    for (let index = 0; index < 4; index++) await generate(gateway.url, { model: 'prodigon-sim?ttft_ms=0&tokens=1' });
    expect(connections).toBe(2);
  },
  async MODEL_TRANSPORT() {
    for (const [transport, version] of [
      ['http1', '1.1'],
      ['http2', '2.0'],
      ['grpc', '2.0'],
    ] as const) {
      // A TCP server instead of a model service records the first line of each connection.
      const firstLines: string[] = [];
      const port = await listen(
        createTcpServer((socket) => {
          socket.once('data', (bytes) => {
            firstLines.push(bytes.toString('latin1').split('\r\n', 1)[0] ?? '');
            socket.destroy();
          });
        }),
      );
      const address = `http://127.0.0.1:${port}`;
      const { url } = await start('gateway', { MODEL_SERVICE_URL: address, MODEL_GRPC_URL: address, MODEL_TRANSPORT: transport });
      expect((await generate(url, {}, '/stream')).status).toBe(503);
      expect(firstLines[0]).toContain(`HTTP/${version}`);
    }
  },
  async LOG_LEVEL() {
    const quiet = await startProcess('gateway', { LOG_LEVEL: 'warn' });
    const verbose = await startProcess('gateway', { LOG_LEVEL: 'debug' });
    for (const { url } of [quiet, verbose]) await fetch(`${url}/health`);
    await expect.poll(verbose.output).toContain('GET /health 200');
    expect(quiet.output()).toBe('');
  },
  async ENVIRONMENT() {
    const { url } = await start('monolith', { ENVIRONMENT: 'staging' });
    expect((await (await fetch(`${url}/health`)).json()).environment).toBe('staging');
  },
};

describe('an app', () => {
  it.each(Object.keys(SETTINGS))('applies %s', async (name) => {
    await EFFECTS[name]?.();
    expect.hasAssertions();
  });

  it('reads a secret from the file in API_KEYS_FILE', async () => {
    const directory = createFolder();
    writeFileSync(join(directory, 'keys'), 'key-in-a-file-0123456789\n');
    const { url } = await start('monolith', { API_KEYS_FILE: join(directory, 'keys') });
    const listModels = (key: string) => fetch(`${url}/api/v1/models`, { headers: { authorization: `Bearer ${key}` } });
    expect([(await listModels('key-in-a-file-0123456789')).status, (await listModels('another-key-0123456789')).status]).toEqual([
      200, 401,
    ]);
  });
});

/** Expects that the app listens on the port, and that the error of a port in use names the variable. */
async function expectPort(app: 'gateway' | 'model' | 'worker' | 'lab', portVariable: string): Promise<void> {
  expect(await build(app, { [portVariable]: '4711' })).toMatchObject({ port: 4711, portVariable });
}

async function expectRateLimit(unit: 'requests' | 'tokens', variable: string): Promise<void> {
  const { url } = await start('monolith', { [variable]: '4711', USE_MOCK: 'true' });
  const { headers } = await stream(url, 'prodigon-sim?ttft_ms=0&tokens=1');
  expect(headers.get(`x-ratelimit-limit-${unit}`)).toBe('4711');
}

function stream(url: string, model: string, signal?: AbortSignal): Promise<Response> {
  const body = JSON.stringify({ prompt: 'Hi', model });
  const headers = { 'content-type': 'application/json' };
  return fetch(`${url}/api/v1/generate/stream`, { method: 'POST', headers, body, ...(signal && { signal }) });
}

/** Returns `hit` or `miss` for a response of that many tokens; null without a cache. */
async function cacheResult(url: string, tokens: number): Promise<string | null> {
  const response = await generate(url, { model: `prodigon-sim?ttft_ms=0&tokens_per_s=1000000&tokens=${tokens}` });
  expect(response.status).toBe(200);
  await response.arrayBuffer();
  return response.headers.get('x-prodigon-cache');
}
