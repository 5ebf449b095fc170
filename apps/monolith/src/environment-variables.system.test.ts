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
import { describe, expect, it, onTestFinished } from 'vitest';
import { buildMonolithApp } from './monolith-app.ts';

const BUILDERS = { gateway: buildGatewayApp, model: buildModelApp, worker: buildWorkerApp, monolith: buildMonolithApp };
/** A provider key. */
const KEY = 'key-of-this-test-0123';
/** Fastify publishes each request here before it calls the handler. */
const HANDLER_START = 'tracing:fastify.request.handler:start';
const MODELS_FILE = join(import.meta.dirname, '../../../config/models.yaml');

/** Each variable with a test that fails when apps ignore it. Apps run in this process unless the effect needs a real one. */
const EFFECTS: Record<string, () => Promise<void>> = {
  async HOST() {
    const { url } = await start('monolith', { HOST: '127.0.0.2' });
    expect(new URL(url).hostname).toBe('127.0.0.2');
  },
  async INTERNAL_HOST() {
    const { url } = await start('model', { INTERNAL_HOST: '127.0.0.2' });
    expect(new URL(url).hostname).toBe('127.0.0.2');
  },
  GATEWAY_PORT: () => refusesTakenPort('monolith', 'GATEWAY_PORT'),
  MODEL_PORT: () => refusesTakenPort('model', 'MODEL_PORT'),
  WORKER_PORT: () => refusesTakenPort('worker', 'WORKER_PORT'),
  async DATABASE_URL() {
    const missing = await startFailing('worker', { DATABASE_URL: '' });
    expect(missing).toMatchObject({ exit: { code: 78 }, output: expect.stringContaining('DATABASE_URL is not set') });
    const { url } = await start('monolith', {});
    expect((await submit(url)).status).toBe(202);
  },
  async QUEUE_TYPE() {
    const { url: DATABASE_URL } = await ownDatabase();
    await start('worker', { DATABASE_URL, QUEUE_TYPE: 'memory' });
    const second = await startFailing('worker', { DATABASE_URL });
    expect(second).toMatchObject({ exit: { code: 78 }, output: expect.stringContaining('QUEUE_TYPE=memory') });
  },
  async JOB_CONCURRENCY() {
    const { url } = await start('monolith', { JOB_CONCURRENCY: '3', DATABASE_URL: (await ownDatabase()).url });
    const { job_id } = await (await submit(url, Array(20).fill('x'))).json();
    await expect
      .poll(async () => (await (await fetch(`${url}/api/v1/jobs/${job_id}`)).json()).running_prompts, { timeout: 30_000 })
      .toBe(3);
  },
  async JOB_LEASE_MS() {
    const { url: DATABASE_URL } = await ownDatabase();
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
    const { url: DATABASE_URL } = await ownDatabase();
    const { url } = await start('monolith', { DATABASE_URL, JOB_RETENTION_DAYS: '2', JOB_LEASE_MS: '500' });
    const { job_id } = await (await submit(url)).json();
    const ask = () => fetch(`${url}/api/v1/jobs/${job_id}`);
    await fetch(`${url}/api/v1/jobs/${job_id}/cancel`, { method: 'POST' });
    const client = new pg.Client({ connectionString: DATABASE_URL });
    await client.connect();
    await client.query("update worker.jobs set completed_at = now() - interval '3 days'");
    await client.end();
    await expect.poll(async () => (await ask()).status, { timeout: 30_000 }).toBe(404);
  },
  async USAGE_RETENTION_DAYS() {
    const { url: DATABASE_URL } = await ownDatabase();
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
    const ask = (token: string) => fetch(`${url}/internal/v1/models`, { headers: { authorization: `Bearer ${token}` } });
    expect([(await ask('token-of-this-test-0123')).status, (await ask('token-of-another-0123456')).status]).toEqual([200, 401]);
  },
  async TRUSTED_PROXIES() {
    const addressSeen = async (TRUSTED_PROXIES: string) => {
      const { server } = await build('gateway', { TRUSTED_PROXIES });
      let address = '';
      const note = (message: unknown) => {
        address = (message as { request: { ip: string } }).request.ip;
      };
      subscribe(HANDLER_START, note);
      await server.inject({ url: '/livez', headers: { 'x-forwarded-for': '203.0.113.7' } });
      unsubscribe(HANDLER_START, note);
      return address;
    };
    expect(await addressSeen('10.0.0.0/8 127.0.0.1')).toBe('203.0.113.7');
    expect(await addressSeen('10.0.0.0/8')).toBe('127.0.0.1');
  },
  async ALLOWED_ORIGINS() {
    const { url } = await start('monolith', { ALLOWED_ORIGINS: 'https://chat.example.com' });
    const from = async (origin: string) => (await fetch(`${url}/api/v1/models`, { headers: { origin } })).status;
    expect([await from('https://chat.example.com'), await from('https://evil.example.com')]).toEqual([200, 403]);
  },
  async STREAMS_MAX() {
    const { url } = await start('monolith', { STREAMS_MAX: '1' });
    const stalled = { model: 'prodigon-sim?ttft_ms=0&fault=stall' };
    expect((await generate(url, stalled, '/stream')).status).toBe(200);
    expect((await generate(url, stalled, '/stream')).status).toBe(503);
  },
  async CONNECT_TIMEOUT_MS() {
    // It takes the connection but never answers the greeting of TLS, which belongs to connecting.
    const port = await listen(createTcpServer(() => {}));
    const baseUrl = `https://127.0.0.1:${port}/v1`;
    const { url } = await start('monolith', { OPENAI_BASE_URL: baseUrl, CONNECT_TIMEOUT_MS: '50' });
    expect((await generate(url, { model: 'any' })).status).toBe(504);
  },
  FIRST_TOKEN_TIMEOUT_MS: () =>
    timesOut({ FIRST_TOKEN_TIMEOUT_MS: '50', TOTAL_TIMEOUT_MS: '5000' }, 'silent_stream', /too long to start/),
  IDLE_TIMEOUT_MS: () =>
    timesOut({ IDLE_TIMEOUT_MS: '50', TOTAL_TIMEOUT_MS: '5000' }, 'stall', /"Streams "[\s\S]*stopped in the middle/),
  TOTAL_TIMEOUT_MS: () => timesOut({ TOTAL_TIMEOUT_MS: '200' }, 'stall', /"Streams "[\s\S]*took too long/),
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
      // A listener instead of a model service records the first line of each connection.
      const greetings: string[] = [];
      const port = await listen(
        createTcpServer((socket) => {
          socket.once('data', (bytes) => {
            greetings.push(bytes.toString('latin1').split('\r\n', 1)[0] ?? '');
            socket.destroy();
          });
        }),
      );
      const address = `http://127.0.0.1:${port}`;
      const { url } = await start('gateway', { MODEL_SERVICE_URL: address, MODEL_TRANSPORT: transport });
      expect((await generate(url, {}, '/stream')).status).toBe(503);
      expect(greetings[0]).toContain(`HTTP/${version}`);
    }
  },
  GROQ_API_KEY: () => sendsKeyTo('https://api.groq.com/openai/v1', 'GROQ_API_KEY'),
  async OPENAI_API_KEY() {
    const { provider, url } = await startBefore({ OPENAI_API_KEY: KEY });
    expect((await generate(url, {})).status).toBe(200);
    expect(provider.calls[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
  },
  OPENAI_BASE_URL: () => callsProvider('OPENAI_BASE_URL', 'openai-compatible'),
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
    const { provider, url } = await startBefore({ FALLBACK_MODEL: 'healthy' });
    const response = await generate(url, { model: 'status_500' });
    expect([response.status, response.headers.get('x-prodigon-model')]).toEqual([200, 'healthy']);
    expect(provider.calls.map(({ model }) => model)).toEqual(['status_500', 'status_500', 'healthy']);
  },
  async MODELS_FILE() {
    const directory = mkdtempSync(join(tmpdir(), 'prodigon-models-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const file = join(directory, 'models.yaml');
    writeFileSync(file, 'policy: { attempts_max: 1 }\nproviders: { own: { base_url_variable: OPENAI_BASE_URL } }\n');
    const { provider, url } = await startBefore({ MODELS_FILE: file });
    expect((await generate(url, { model: 'status_500' })).status).toBe(502);
    expect(provider.calls).toHaveLength(1);
    const { models } = await (await fetch(`${url}/api/v1/models`)).json();
    expect(models[0]).toMatchObject({ provider: 'own' });
  },
  OPENROUTER_API_KEY: () => sendsKeyTo('https://openrouter.ai/api/v1', 'OPENROUTER_API_KEY'),
  VLLM_BASE_URL: () => callsProvider('VLLM_BASE_URL', 'vllm'),
  VLLM_API_KEY: () => callsProvider('VLLM_BASE_URL', 'vllm', 'VLLM_API_KEY'),
  LLAMA_CPP_BASE_URL: () => callsProvider('LLAMA_CPP_BASE_URL', 'llama.cpp'),
  LLAMA_CPP_API_KEY: () => callsProvider('LLAMA_CPP_BASE_URL', 'llama.cpp', 'LLAMA_CPP_API_KEY'),
  async USE_MOCK() {
    const env = { OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' };
    const mocked = await start('monolith', { ...env, USE_MOCK: 'true' });
    expect((await (await fetch(`${mocked.url}/api/v1/models`)).json()).default_model).toBe('prodigon-tutor');
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

describe('a process', () => {
  it.each(Object.keys(SETTINGS))('obeys %s', async (name) => {
    await EFFECTS[name]?.();
    expect.hasAssertions();
  });

  it('reads a secret from a file', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'prodigon-secret-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    writeFileSync(join(directory, 'keys'), 'key-in-a-file-0123456789\n');
    const { url } = await start('monolith', { API_KEYS_FILE: join(directory, 'keys') });
    const ask = (key: string) => fetch(`${url}/api/v1/models`, { headers: { authorization: `Bearer ${key}` } });
    expect([(await ask('key-in-a-file-0123456789')).status, (await ask('another-key-0123456789')).status]).toEqual([200, 401]);
  });
});

describe('a process with invalid variables', () => {
  it('lists all of them without a stack trace and exits with 78', async () => {
    const failure = await startFailing('monolith', { GATEWAY_PORT: 'x', LOG_LEVEL: 'loud' });
    expect(failure.exit.code).toBe(78);
    expect(failure.output).toBe(
      'The configuration has 2 problems:\n  GATEWAY_PORT must be a whole number from 0 to 65535 (it is "x")\n  LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent (it is "loud")\n',
    );
  });
});

describe('an app whose models file', () => {
  it.each([
    ['has a mistake', 'providers: { acme: { base_url: ftp://key-in-a-file, modles: {} } }\n', 2],
    ['is no YAML', 'providers: [\n', 1],
    ['uses what it does not define', 'providers: { acme: *nowhere }\n', 1],
    ['is not there', undefined, 1],
  ])('%s does not start and explains why', async (_case, text, problems) => {
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
    ...(needsDatabase && { DATABASE_URL: (await ownDatabase()).url }),
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

async function ownDatabase(): Promise<TestDatabase> {
  const own = await createTestDatabase({ isMigrated: true });
  onTestFinished(() => own.drop());
  return own;
}

/** Submits prompts whose responses start and never end. */
function submit(url: string, prompts: string[] = ['x']): Promise<Response> {
  return fetch(`${url}/api/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompts, model: 'prodigon-sim?ttft_ms=0&fault=stall&after=1' }),
  });
}

async function startFailing(...parameters: Parameters<typeof startApp>): Promise<AppStartError> {
  return startApp(...parameters).then(
    () => expect.unreachable('It started.'),
    (failure) => failure,
  );
}

/** On a free port until the test ends. */
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

async function refusesTakenPort(app: 'monolith' | 'model' | 'worker', variable: string): Promise<void> {
  const port = await listen(createTcpServer());
  const failure = await startFailing(app, { [variable]: String(port) });
  expect(failure.exit.code).toBe(78);
  expect(failure.output).toContain(`Port ${port} on 127.0.0.1 is taken by another program: set ${variable} to a free port`);
  expect(failure.output).not.toContain('    at ');
}

async function timesOut(env: Record<string, string>, model: string, answer: RegExp): Promise<void> {
  const provider = await startFaultProvider();
  onTestFinished(() => provider.close());
  const { url } = await start('monolith', { OPENAI_BASE_URL: provider.baseUrl, ...env });
  expect(await (await generate(url, { model }, '/stream')).text()).toMatch(answer);
}

/** Starts the platform in front of a fault provider at OPENAI_BASE_URL. */
async function startBefore(env: Record<string, string>) {
  const provider = await startFaultProvider();
  onTestFinished(() => provider.close());
  const { url } = await start('monolith', { OPENAI_BASE_URL: provider.baseUrl, ...env });
  return { provider, url };
}

/** The base URL enables the provider under its name, and the key goes with its calls. */
async function callsProvider(urlVariable: string, name: string, keyVariable?: string): Promise<void> {
  const provider = await startFaultProvider();
  onTestFinished(() => provider.close());
  const { url } = await start('monolith', { [urlVariable]: provider.baseUrl, ...(keyVariable && { [keyVariable]: KEY }) });
  const response = await generate(url, { model: 'healthy' });
  expect([response.status, response.headers.get('x-prodigon-provider')]).toEqual([200, name]);
  expect(provider.calls.map(({ key }) => key)).toEqual([keyVariable && KEY]);
}

/** The key enables a provider of config/models.yaml, which this test moves to a fault provider, and goes with its calls. */
async function sendsKeyTo(baseUrl: string, keyVariable: string): Promise<void> {
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
