import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildGatewayApp } from '@prodigon/gateway';
import { buildModelApp } from '@prodigon/model';
import { ConfigurationError, type ProcessParts, SETTINGS } from '@prodigon/platform';
import {
  type AppStartError,
  createTestDatabase,
  type RunningApp,
  startApp,
  startFaultProvider,
  type TestDatabase,
} from '@prodigon/testing';
import { buildWorkerApp } from '@prodigon/worker';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { buildMonolithApp } from './monolith-app.ts';

const BUILDERS = { gateway: buildGatewayApp, model: buildModelApp, worker: buildWorkerApp, monolith: buildMonolithApp };
/** A provider key. */
const KEY = 'key-of-this-test-0123';
/** Fastify publishes each request here before it calls the handler. */
const HANDLER_START = 'tracing:fastify.request.handler:start';
const MODELS_FILE = join(import.meta.dirname, '../../../config/models.yaml');

/** The database of all apps whose tests create no jobs. Other tests create their own. */
let sharedDatabase: TestDatabase;
beforeAll(async () => {
  sharedDatabase = await createTestDatabase({ isMigrated: true });
});
afterAll(() => sharedDatabase?.drop());

/** A test for each variable that fails when apps ignore it. Apps run in this process unless the effect needs a separate one. */
const EFFECTS: Record<string, () => Promise<void>> = {
  async HOST() {
    const { url } = await start('monolith', { HOST: '127.0.0.2' });
    expect(new URL(url).hostname).toBe('127.0.0.2');
  },
  async INTERNAL_HOST() {
    const { url } = await start('model', { INTERNAL_HOST: '127.0.0.2' });
    expect(new URL(url).hostname).toBe('127.0.0.2');
  },
  GATEWAY_PORT: () => expectTakenPortError('monolith', 'GATEWAY_PORT'),
  MODEL_PORT: () => expectTakenPortError('model', 'MODEL_PORT'),
  WORKER_PORT: () => expectTakenPortError('worker', 'WORKER_PORT'),
  async DATABASE_URL() {
    const missing = await startFailing('worker', { DATABASE_URL: '' });
    expect(missing).toMatchObject({ exit: { code: 78 }, output: expect.stringContaining('DATABASE_URL is not set') });
    const { url } = await start('monolith', { DATABASE_URL: (await createDatabase()).url });
    expect((await submit(url)).status).toBe(202);
  },
  async QUEUE_TYPE() {
    const { url: DATABASE_URL } = await createDatabase();
    await start('worker', { DATABASE_URL, QUEUE_TYPE: 'memory' });
    const second = await startFailing('worker', { DATABASE_URL });
    expect(second).toMatchObject({ exit: { code: 78 }, output: expect.stringContaining('QUEUE_TYPE=memory') });
  },
  async JOB_CONCURRENCY() {
    const { url } = await start('monolith', { JOB_CONCURRENCY: '3', DATABASE_URL: (await createDatabase()).url });
    const { job_id } = await (await submit(url, Array(20).fill('x'))).json();
    await expect
      .poll(async () => (await (await fetch(`${url}/api/v1/jobs/${job_id}`)).json()).running_prompts, { timeout: 30_000 })
      .toBe(3);
  },
  async JOB_LEASE_MS() {
    const { url: DATABASE_URL } = await createDatabase();
    const first = await startProcess('monolith', { DATABASE_URL, JOB_LEASE_MS: '500' });
    const { job_id } = await (await submit(first.url)).json();
    const itemOf = async ({ url }: Pick<RunningApp, 'url'>) =>
      (await (await fetch(`${url}/api/v1/jobs/${job_id}/items`)).json()).items[0];
    await expect.poll(async () => (await itemOf(first)).status, { timeout: 30_000 }).toBe('running');
    const { worker } = await itemOf(first);
    first.kill('SIGKILL');
    const second = await start('monolith', { DATABASE_URL, JOB_LEASE_MS: '500' });
    await expect.poll(async () => (await itemOf(second)).worker, { timeout: 30_000 }).not.toBe(worker);
  },
  async JOB_RETENTION_DAYS() {
    const { url: DATABASE_URL } = await createDatabase();
    const { url } = await start('monolith', { DATABASE_URL, JOB_RETENTION_DAYS: '2', JOB_LEASE_MS: '500' });
    const { job_id } = await (await submit(url)).json();
    const getJob = () => fetch(`${url}/api/v1/jobs/${job_id}`);
    await fetch(`${url}/api/v1/jobs/${job_id}/cancel`, { method: 'POST' });
    const client = new pg.Client({ connectionString: DATABASE_URL });
    await client.connect();
    await client.query("update worker.jobs set completed_at = now() - interval '3 days'");
    await client.end();
    await expect.poll(async () => (await getJob()).status, { timeout: 30_000 }).toBe(404);
  },
  async USAGE_RETENTION_DAYS() {
    const { url: DATABASE_URL } = await createDatabase();
    const client = new pg.Client({ connectionString: DATABASE_URL });
    await client.connect();
    await client.query(`
      insert into model.usage (id, at, owner_id, request_id, kind, provider, model, status, prompt_tokens, completion_tokens,
                               estimated, attempts, latency_ms)
      select gen_random_uuid(), now() - days * interval '1 day', 'local', 'r', 'chat', 'p', 'm', 'completed', 1, 1, false, 1, 1
      from unnest(array[1, 3]) as days`);
    await start('model', { DATABASE_URL, USAGE_RETENTION_DAYS: '2' });
    const count = async () => (await client.query('select count(*)::int as rows from model.usage')).rows[0].rows;
    await expect.poll(count, { timeout: 30_000 }).toBe(1);
    await client.end();
  },
  async WORKER_SERVICE_URL() {
    const shared = { INTERNAL_TOKEN: 'token-of-this-test-0123' };
    const worker = await start('worker', shared);
    const gateway = await start('gateway', { ...shared, WORKER_SERVICE_URL: worker.url });
    expect((await fetch(`${gateway.url}/api/v1/jobs`)).status).toBe(200);
  },
  async API_KEYS() {
    const { url } = await start('monolith', { API_KEYS: 'first-key-0123456789, second-key-0123456789' });
    expect((await fetch(`${url}/api/v1/models`)).status).toBe(401);
    expect((await fetch(`${url}/api/v1/models`, { headers: { authorization: 'Bearer second-key-0123456789' } })).status).toBe(
      200,
    );
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
  async ALLOW_SIMULATOR() {
    const { url } = await start('monolith', { ALLOW_SIMULATOR: 'false' });
    expect((await generate(url, { model: 'prodigon-sim' })).status).toBe(422);
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
  async CONNECT_TIMEOUT_MS() {
    // The server accepts the connection but never completes the TLS handshake, which is part of connecting.
    const port = await listen(createTcpServer(() => {}));
    const baseUrl = `https://127.0.0.1:${port}/v1`;
    // The total timeout is shorter than the default, and its error has another message.
    const { url } = await start('monolith', { OPENAI_BASE_URL: baseUrl, CONNECT_TIMEOUT_MS: '50', TOTAL_TIMEOUT_MS: '3000' });
    const response = await generate(url, { model: 'any' });
    expect(response.status).toBe(504);
    expect(await response.text()).toContain('Connecting to the model provider took too long');
  },
  FIRST_TOKEN_TIMEOUT_MS: () =>
    expectTimeout({ FIRST_TOKEN_TIMEOUT_MS: '50', TOTAL_TIMEOUT_MS: '5000' }, 'silent_stream', /too long to start/),
  IDLE_TIMEOUT_MS: () =>
    expectTimeout({ IDLE_TIMEOUT_MS: '50', TOTAL_TIMEOUT_MS: '5000' }, 'stall', /"Streams "[\s\S]*stopped in the middle/),
  TOTAL_TIMEOUT_MS: () => expectTimeout({ TOTAL_TIMEOUT_MS: '200' }, 'stall', /"Streams "[\s\S]*took too long/),
  async DRAIN_TIMEOUT_MS() {
    const { url, kill, exited } = await startProcess('monolith', { DATABASE_URL: sharedDatabase.url, DRAIN_TIMEOUT_MS: '50' });
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
    const directory = mkdtempSync(join(tmpdir(), 'prodigon-data-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    await start('model', { DATA_DIR: join(directory, 'inner') });
    expect(existsSync(join(directory, 'inner/internal-token'))).toBe(true);
  },
  async MODEL_SERVICE_URL() {
    const shared = { INTERNAL_TOKEN: 'token-of-this-test-0123' };
    const model = await start('model', shared);
    const gateway = await start('gateway', { ...shared, MODEL_SERVICE_URL: model.url });
    expect((await generate(gateway.url, { model: 'prodigon-sim?ttft_ms=0&tokens=1' })).status).toBe(200);
  },
  async MODEL_TRANSPORT() {
    for (const [transport, version] of [
      ['http1', '1.1'],
      ['http2', '2.0'],
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
      const { url } = await start('gateway', { MODEL_SERVICE_URL: address, MODEL_TRANSPORT: transport });
      expect((await generate(url, {}, '/stream')).status).toBe(503);
      expect(firstLines[0]).toContain(`HTTP/${version}`);
    }
  },
  GROQ_API_KEY: () => expectKeySentTo('https://api.groq.com/openai/v1', 'GROQ_API_KEY'),
  async OPENAI_API_KEY() {
    const { provider, url } = await startWithFaultProvider({ OPENAI_API_KEY: KEY });
    expect((await generate(url, {})).status).toBe(200);
    expect(provider.calls[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
  },
  OPENAI_BASE_URL: () => expectCallTo('OPENAI_BASE_URL', 'openai-compatible'),
  async OLLAMA_BASE_URL() {
    const paths: string[] = [];
    const port = await listen(
      createServer((request, response) => {
        paths.push(request.url ?? '');
        response.setHeader('content-type', 'application/json').end('{"data":[{"id":"llama"}]}');
      }),
    );
    const { url } = await start('monolith', { OLLAMA_BASE_URL: `http://127.0.0.1:${port}` });
    expect(await (await fetch(`${url}/api/v1/models`)).json()).toMatchObject({
      default_model: 'llama',
      models: [{ id: 'llama', provider: 'ollama' }, {}, {}, {}],
    });
    expect(paths).toEqual(['/v1/models']);
  },
  async DEFAULT_MODEL() {
    const { url } = await start('monolith', { DEFAULT_MODEL: 'prodigon-sim' });
    expect((await (await fetch(`${url}/api/v1/models`)).json()).default_model).toBe('prodigon-sim');
  },
  async FALLBACK_MODEL() {
    const { provider, url } = await startWithFaultProvider({ FALLBACK_MODEL: 'healthy' });
    const response = await generate(url, { model: 'status_500' });
    expect([response.status, response.headers.get('x-prodigon-model')]).toEqual([200, 'healthy']);
    expect(provider.calls.map(({ model }) => model)).toEqual(['status_500', 'status_500', 'healthy']);
  },
  async MODELS_FILE() {
    const directory = mkdtempSync(join(tmpdir(), 'prodigon-models-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const file = join(directory, 'models.yaml');
    writeFileSync(file, 'policy: { attempts_max: 1 }\nproviders: { own: { base_url_variable: OPENAI_BASE_URL } }\n');
    const { provider, url } = await startWithFaultProvider({ MODELS_FILE: file });
    expect((await generate(url, { model: 'status_500' })).status).toBe(502);
    expect(provider.calls).toHaveLength(1);
    const { models } = await (await fetch(`${url}/api/v1/models`)).json();
    expect(models[0]).toMatchObject({ provider: 'own' });
  },
  OPENROUTER_API_KEY: () => expectKeySentTo('https://openrouter.ai/api/v1', 'OPENROUTER_API_KEY'),
  VLLM_BASE_URL: () => expectCallTo('VLLM_BASE_URL', 'vllm'),
  VLLM_API_KEY: () => expectCallTo('VLLM_BASE_URL', 'vllm', 'VLLM_API_KEY'),
  LLAMA_CPP_BASE_URL: () => expectCallTo('LLAMA_CPP_BASE_URL', 'llama.cpp'),
  LLAMA_CPP_API_KEY: () => expectCallTo('LLAMA_CPP_BASE_URL', 'llama.cpp', 'LLAMA_CPP_API_KEY'),
  async USE_MOCK() {
    const env = { OPENAI_BASE_URL: 'http://127.0.0.1:9/v1', DEFAULT_MODEL: 'gpt-4.1' };
    const keys = { GROQ_API_KEY: 'your-key-here', DATABASE_URL: sharedDatabase.url };
    const mocked = await startProcess('monolith', { ...env, ...keys, USE_MOCK: 'true', LOG_LEVEL: 'warn' });
    // A vendor's DEFAULT_MODEL would otherwise fail every request that names no model.
    expect((await (await fetch(`${mocked.url}/api/v1/models`)).json()).default_model).toBe('prodigon-tutor');
    expect((await generate(mocked.url, {})).status).toBe(200);
    const messages = () => [...mocked.output().matchAll(/"msg":"([^"]*)"/g)].map(([, message]) => message);
    await expect
      .poll(messages)
      .toEqual([
        'GROQ_API_KEY holds a placeholder instead of a key; it is ignored',
        'DEFAULT_MODEL is ignored, because USE_MOCK allows only the offline models',
      ]);
    const real = await start('monolith', env);
    expect((await generate(real.url, {})).status).toBe(503);
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
    const directory = mkdtempSync(join(tmpdir(), 'prodigon-secret-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    writeFileSync(join(directory, 'keys'), 'key-in-a-file-0123456789\n');
    const { url } = await start('monolith', { API_KEYS_FILE: join(directory, 'keys') });
    const listModels = (key: string) => fetch(`${url}/api/v1/models`, { headers: { authorization: `Bearer ${key}` } });
    expect([(await listModels('key-in-a-file-0123456789')).status, (await listModels('another-key-0123456789')).status]).toEqual([
      200, 401,
    ]);
  });
});

describe('an app with invalid variables', () => {
  it('lists all problems without a stack trace and exits with 78', async () => {
    const failure = await startFailing('monolith', { GATEWAY_PORT: 'x', LOG_LEVEL: 'loud' });
    expect(failure.exit.code).toBe(78);
    expect(failure.output).toBe(
      'The configuration has 2 problems:\n  GATEWAY_PORT must be a whole number from 0 to 65535 (it is "x")\n  LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent (it is "loud")\n',
    );
  });
});

describe('an app with an unusable models file', () => {
  it.each([
    ['with unknown or invalid keys', 'providers: { acme: { base_url: ftp://key-in-a-file, modles: {} } }\n', 2],
    ['that is not YAML', 'providers: [\n', 1],
    ['with an undefined alias', 'providers: { acme: *nowhere }\n', 1],
    ['that does not exist', undefined, 1],
  ])('names the file and every problem of one %s', async (_case, text, problems) => {
    const directory = mkdtempSync(join(tmpdir(), 'prodigon-models-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const file = join(directory, 'models.yaml');
    if (text !== undefined) writeFileSync(file, text);
    const failure = await build('model', { MODELS_FILE: file }).then(
      () => expect.unreachable('It started.'),
      (thrown) => thrown,
    );
    expect(failure).toBeInstanceOf(ConfigurationError);
    expect(failure.message.trimEnd().split('\n')).toHaveLength(1 + problems);
    expect(failure.message).toMatch(/^The configuration has (a problem|\d problems):\n/);
    expect(failure.message).toContain(file);
    expect(failure.message).not.toContain('key-in-a-file');
  });
});

type AppName = keyof typeof BUILDERS;
type Environment = Record<string, string>;

/** Builds an app in this process and closes it when the test ends. */
async function build(name: AppName, env: Environment = {}): Promise<ProcessParts> {
  const directory = mkdtempSync(join(tmpdir(), 'prodigon-app-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const needsDatabase = (name === 'monolith' || name === 'worker') && env.DATABASE_URL === undefined;
  const parts = await BUILDERS[name]({
    ...{ GATEWAY_PORT: '0', MODEL_PORT: '0', WORKER_PORT: '0' },
    ...{ DATA_DIR: directory, LOG_LEVEL: 'silent', DRAIN_TIMEOUT_MS: '1' },
    ...(needsDatabase && { DATABASE_URL: sharedDatabase.url }),
    ...env,
  });
  onTestFinished(async () => {
    await parts.lifecycle.drain();
    await parts.server.close();
    for (const close of parts.closers ?? []) await close();
  });
  return parts;
}

/** Builds an app in this process and listens where its configuration says. */
async function start(name: AppName, env: Environment = {}): Promise<{ url: string }> {
  const { server, host, port } = await build(name, env);
  return { url: await server.listen({ host, port }) };
}

/** Starts an app as a process. */
async function startProcess(...parameters: Parameters<typeof startApp>): Promise<RunningApp> {
  const app = await startApp(...parameters);
  onTestFinished(() => app.close());
  return app;
}

/** Creates a database and deletes it when the test ends. */
async function createDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase({ isMigrated: true });
  onTestFinished(() => database.drop());
  return database;
}

/** Submits prompts whose responses start and never end. */
function submit(url: string, prompts: string[] = ['x']): Promise<Response> {
  return fetch(`${url}/api/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompts, model: 'prodigon-sim?ttft_ms=0&fault=stall&after=1' }),
  });
}

async function startFailing(name: AppName, env: Environment): Promise<AppStartError> {
  return startApp(name, { DATABASE_URL: sharedDatabase.url, ...env }).then(
    () => expect.unreachable('It started.'),
    (failure) => failure,
  );
}

/** Listens on a free port until the test ends. Returns the port. */
async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

function generate(url: string, request: object, path = ''): Promise<Response> {
  return fetch(`${url}/api/v1/generate${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'Hi', ...request }),
  });
}

async function expectTakenPortError(app: 'monolith' | 'model' | 'worker', variable: string): Promise<void> {
  const port = await listen(createTcpServer());
  const failure = await startFailing(app, { [variable]: String(port) });
  expect(failure.exit.code).toBe(78);
  expect(failure.output).toContain(`Port ${port} on 127.0.0.1 is taken by another program: set ${variable} to a free port`);
  expect(failure.output).not.toContain('    at ');
}

async function expectTimeout(env: Record<string, string>, model: string, expected: RegExp): Promise<void> {
  const provider = await startFaultProvider();
  onTestFinished(() => provider.close());
  const { url } = await start('monolith', { OPENAI_BASE_URL: provider.baseUrl, ...env });
  expect(await (await generate(url, { model }, '/stream')).text()).toMatch(expected);
}

/** Starts the monolith with a fault provider at OPENAI_BASE_URL. */
async function startWithFaultProvider(env: Record<string, string>) {
  const provider = await startFaultProvider();
  onTestFinished(() => provider.close());
  const { url } = await start('monolith', { OPENAI_BASE_URL: provider.baseUrl, ...env });
  return { provider, url };
}

/** Expects that the base URL enables the provider under its name, and that its calls carry the key. */
async function expectCallTo(urlVariable: string, name: string, keyVariable?: string): Promise<void> {
  const provider = await startFaultProvider();
  onTestFinished(() => provider.close());
  const { url } = await start('monolith', { [urlVariable]: provider.baseUrl, ...(keyVariable && { [keyVariable]: KEY }) });
  const response = await generate(url, { model: 'healthy' });
  expect([response.status, response.headers.get('x-prodigon-provider')]).toEqual([200, name]);
  expect(provider.calls.map(({ key }) => key)).toEqual([keyVariable && KEY]);
}

/** Expects that the key enables a provider of config/models.yaml, and that its calls carry the key. A fault provider replaces the vendor. */
async function expectKeySentTo(baseUrl: string, keyVariable: string): Promise<void> {
  const provider = await startFaultProvider();
  onTestFinished(() => provider.close());
  const directory = mkdtempSync(join(tmpdir(), 'prodigon-models-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'models.yaml');
  writeFileSync(file, readFileSync(MODELS_FILE, 'utf8').replace(`base_url: ${baseUrl}\n`, `base_url: ${provider.baseUrl}\n`));
  const { url } = await start('monolith', { MODELS_FILE: file, [keyVariable]: KEY });
  await generate(url, {});
  expect(new Set(provider.calls.map(({ key }) => key))).toEqual(new Set([KEY]));
}
