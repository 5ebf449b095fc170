import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type ApiClient, createApiClient } from '@prodigon/api-client';
import {
  type ContainerEngine,
  ensureProgram,
  launchChromium,
  PROGRAMS,
  requireContainerEngine,
  requireProgram,
  reservePort,
  startTraffic,
} from '@prodigon/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const START_MS = 1_200_000;
const LONG_TEST_MS = 300_000;
const WAIT = { timeout: LONG_TEST_MS, interval: 200 };
const PROJECT = `prodigon-test-${process.pid}`;
const CONCURRENCY = 2;
const API_KEY = 'key-of-the-deployment-test-0123';

let engine: ContainerEngine;
let url: string;
let client: ApiClient;
let started = '';
/** The variables of the first start. */
let settings: Record<string, string> = {};

beforeAll(async () => {
  ensureProgram(PROGRAMS.chromium);
  ensureProgram(PROGRAMS.make);
  ensureProgram(PROGRAMS.openssl);
  engine = requireContainerEngine();
  const port = await reservePort();
  url = `http://localhost:${port}`;
  client = createApiClient({ baseUrl: url });
  const replicas = { WORKER_REPLICAS: '2', MODEL_REPLICAS: '2' };
  settings = { HTTP_PORT: String(port), ...replicas, JOB_CONCURRENCY: String(CONCURRENCY), QUEUE_TYPE: 'redis' };
  started = await make('run-docker', settings);
}, START_MS);

afterAll(async () => {
  await make('stop-docker');
  for (const volume of projectVolumes()) engine.run('volume', 'rm', volume);
}, LONG_TEST_MS);

/** Runs a target of the Makefile for the project of this test. Returns its standard output. */
async function make(target: string, env: Record<string, string> = {}): Promise<string> {
  const variables = { ...process.env, ...engine.env, COMPOSE_PROJECT_NAME: PROJECT, ...env };
  const { stdout } = await promisify(execFile)('make', [target], { cwd: ROOT, env: variables, maxBuffer: 1 << 26 });
  return stdout;
}

/**
 * Runs the commands of a page that begin with `docker`, with the engine and the project of this test. Returns their standard
 * output.
 */
async function runDocumented(commands: readonly string[], folder = ''): Promise<string> {
  const [engineName, compose] = started.includes('podman-compose') ? ['podman', 'podman-compose'] : ['docker', 'docker compose'];
  let output = '';
  for (const command of commands) {
    const script = command
      .replace(/^docker compose/, `${compose} -p ${PROJECT}`)
      .replace(/^docker/, engineName)
      .replaceAll('prodigon_', `${PROJECT}_`)
      .replace('prodigon.gz', join(folder, 'prodigon.gz'));
    const env = { ...process.env, ...engine.env, ...settings };
    output += (await promisify(execFile)('sh', ['-c', script], { cwd: ROOT, env })).stdout;
  }
  return output;
}

const lines = (text: string) => text.split('\n').filter((line) => line !== '');
const byProject = ['--filter', `label=com.docker.compose.project=${PROJECT}`];
const containersOf = (service: string) =>
  lines(engine.run('ps', '--quiet', ...byProject, '--filter', `label=com.docker.compose.service=${service}`));
const projectVolumes = () =>
  lines(engine.run('volume', 'ls', '--format', '{{.Name}}')).filter((name) => name.startsWith(`${PROJECT}_`));

/** Returns the sum of a metric over the labels that `pattern` matches, for each replica of a service. */
function readMetric(service: string, port: number, pattern: RegExp): number[] {
  const script = `const token = fs.readFileSync('/run/secrets/INTERNAL_TOKEN', 'utf8').trim();
    fetch('http://127.0.0.1:${port}/metrics', { headers: { authorization: 'Bearer ' + token } })
      .then((response) => response.text()).then((text) => process.stdout.write(text))`;
  return containersOf(service).map((container) =>
    lines(engine.run('exec', container, 'node', '-e', script))
      .filter((line) => pattern.test(line))
      .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0),
  );
}

const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0);

describe('the platform in containers', () => {
  it('says which engine runs it, and where it is', () => {
    expect(started).toMatch(/^Starting Prodigon with (?:docker compose|podman-compose) /m);
    expect(started).toContain(`Prodigon is running: ${url}`);
  });

  it('serves the web UI in a browser, which streams a response of the offline model', { timeout: LONG_TEST_MS }, async () => {
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      const problems: string[] = [];
      page.on('pageerror', ({ message }) => problems.push(message));
      page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
      await page.goto(url);
      await page.getByLabel('Your question').fill('What is a circuit breaker?');
      await page.getByLabel('Your question').press('Enter');
      const response = page.getByRole('log').locator('article[data-state="done"]');
      await response.waitFor({ timeout: 60_000 });
      expect(await response.textContent()).toContain('circuit breaker');
      expect(problems).toEqual([]);
    } finally {
      await browser.close();
    }
  });

  it('connects the workers to Redis, which requires a password and has a memory limit', () => {
    expect(readMetric('worker', 8002, /^redis_up /)).toEqual([1, 1]);
    const [redis = ''] = containersOf('redis');
    const run = (script: string) => engine.run('exec', redis, 'sh', '-c', script);
    expect(run('redis-cli ping')).toMatch(/^NOAUTH /);
    const password = "$(sed -n 's/^requirepass //p' /run/secrets/.redis.conf)";
    const policy = run(`REDISCLI_AUTH=${password} redis-cli config get 'maxmemory*'`);
    expect(policy).toContain('268435456');
    expect(policy).toContain('allkeys-lru');
  });

  it('loses no item and runs none twice when a worker is killed', { timeout: LONG_TEST_MS }, async () => {
    const prompts = Array.from({ length: 100 }, (_, index) => `Prompt ${index}`);
    const model = 'prodigon-sim?ttft_ms=400&tokens_per_s=5000&tokens=3';
    const succeeded = /^job_items_settled_total\{outcome="succeeded"\}/;
    const job = await post('/api/v1/jobs', 'application/json', JSON.stringify({ prompts, model }));
    await vi.waitFor(async () => expect((await client.jobs.get(job.job_id)).completed_prompts).toBeGreaterThan(20), WAIT);
    const [victim = ''] = containersOf('worker');
    process.kill(Number(engine.run('inspect', '--format', '{{.State.Pid}}', victim)), 'SIGKILL');
    await vi.waitFor(async () => expect((await client.jobs.get(job.job_id)).status).toBe('completed'), WAIT);

    const results = lines(await (await fetch(`${url}/api/v1/jobs/${job.job_id}/results.jsonl`)).text()).map((line) =>
      JSON.parse(line),
    );
    expect(results.map(({ index }) => index).sort((one, other) => one - other)).toEqual(prompts.map((_, index) => index));
    expect(results.every(({ response }) => response?.status_code === 200)).toBe(true);
    const calls = readMetric('model', 8001, /^provider_attempts_total\{.*model="prodigon-sim"/);
    expect(sumOf(calls)).toBeGreaterThanOrEqual(100);
    expect(sumOf(calls)).toBeLessThanOrEqual(100 + CONCURRENCY);
    expect(Math.min(...calls)).toBeGreaterThan(25);
    // The engine has started the worker again.
    await vi.waitFor(() => expect(containersOf('worker')).toHaveLength(2), WAIT);
    expect(sumOf(readMetric('worker', 8002, succeeded))).toBeGreaterThan(0);
  });

  it('accepts an upload of 50,000 lines', { timeout: LONG_TEST_MS }, async () => {
    const file = Array.from({ length: 50_000 }, (_, index) => JSON.stringify({ prompt: `Line ${index}` })).join('\n');
    const job = await post('/api/v1/jobs?model=prodigon-sim', 'application/jsonl', file);
    expect(job.total_prompts).toBe(50_000);
    expect((await fetch(`${url}/api/v1/jobs/${job.job_id}/cancel`, { method: 'POST' })).status).toBe(200);
  });

  it('restores a deleted job from a backup, by the documented commands', { timeout: LONG_TEST_MS }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'prodigon-backup-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const page = readFileSync(join(ROOT, 'docs/operations/back-up.md'), 'utf8');
    const [backup = '', ...restore] = page.match(/^docker .+$/gm) ?? [];
    expect(restore).toHaveLength(3);
    const haveEnded = async () => {
      const { jobs } = await client.jobs.list();
      expect(jobs.map(({ status }) => status).sort()).toEqual(['cancelled', 'completed']);
      return jobs;
    };
    const jobs = await vi.waitFor(haveEnded, WAIT);
    await runDocumented([backup], folder);
    for (const { job_id } of jobs) await client.jobs.remove(job_id);
    await runDocumented(restore, folder);
    await vi.waitFor(async () => expect((await client.jobs.list()).jobs).toEqual(jobs), WAIT);
  });

  it('runs unprivileged on read-only file systems, and shows no secret in the configuration of a container', () => {
    const secret = (name: string) =>
      engine.run('exec', containersOf('worker')[0] ?? '', 'node', '-p', `fs.readFileSync('/run/secrets/${name}', 'utf8').trim()`);
    for (const service of ['gateway', 'model', 'worker', 'frontend']) {
      const [container = ''] = containersOf(service);
      const [{ Config, HostConfig }] = JSON.parse(engine.run('inspect', container));
      expect([service, Config.User, HostConfig.ReadonlyRootfs]).toEqual([service, '1000:1000', true]);
    }
    const all = lines(engine.run('ps', '--all', '--quiet', ...byProject));
    const configurations = engine.run('inspect', ...all) + engine.run('history', '--no-trunc', 'prodigon-worker');
    for (const name of ['INTERNAL_TOKEN', 'POSTGRES_PASSWORD']) {
      expect(secret(name).length).toBeGreaterThan(40);
      expect(configurations).not.toContain(secret(name));
    }
  });

  it('is replaced container by container without a failed request or a cut stream', { timeout: START_MS }, async () => {
    const services = ['model', 'worker', 'gateway', 'frontend'];
    const before = services.map(containersOf);
    // nginx closes the idle connections of clients when the addresses of its upstreams change.
    const traffic = await startTraffic(url, { headers: { connection: 'close' } });
    await make('update-docker', settings);
    await traffic.more(40);
    await traffic.stop();
    expect(traffic.failures).toEqual([]);
    for (const [index, service] of services.entries()) {
      const after = containersOf(service);
      expect([service, after.length]).toEqual([service, before[index]?.length]);
      expect(after.filter((container) => before[index]?.includes(container))).toEqual([]);
    }
  });

  it('hides the metrics and the internal API', async () => {
    for (const path of ['/metrics', '/internal/v1/models']) expect((await fetch(`${url}${path}`)).status).toBe(404);
  });

  it('leaves only its named volumes when it stops, and keeps its data for a start with HTTPS and an API key', {
    timeout: START_MS,
  }, async () => {
    const { jobs } = await client.jobs.list();
    await make('stop-docker');
    expect(engine.run('ps', '--all', '--quiet', ...byProject)).toBe('');
    expect(engine.run('network', 'ls', '--format', '{{.Name}}')).not.toContain(PROJECT);
    expect(projectVolumes().sort()).toEqual([`${PROJECT}_data`, `${PROJECT}_secrets`]);
    expect(jobs.length).toBeGreaterThan(1);

    const secure = await prepareTls();
    await make('run-docker', { HTTP_PORT: new URL(url).port, ...secure.env });
    expect((await secure.get('/api/v1/jobs')).status).toBe(401);
    const { status, text } = await secure.get('/api/v1/jobs', { authorization: `Bearer ${API_KEY}` });
    expect(status).toBe(200);
    expect(JSON.parse(text).jobs.map((job: { job_id: string }) => job.job_id)).toEqual(jobs.map(({ job_id }) => job_id));

    // The documented command creates a key of another owner, whose jobs these are not.
    const page = readFileSync(join(ROOT, 'docs/operations/team-keys.md'), 'utf8');
    const commands = page.match(/^docker compose .+ keys create .+$/gm) ?? [];
    expect(commands).toHaveLength(1);
    const key = /^prodigon_\S+$/m.exec(await runDocumented(commands))?.[0];
    const ofAda = await secure.get('/api/v1/jobs', { authorization: `Bearer ${key}` });
    expect([ofAda.status, JSON.parse(ofAda.text).jobs]).toEqual([200, []]);
  });
});

async function post(path: string, type: string, body: string): Promise<{ job_id: string; total_prompts: number }> {
  const response = await fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': type }, body });
  expect(response.status).toBe(202);
  return (await response.json()) as { job_id: string; total_prompts: number };
}

/** Prepares the files and variables of a start with HTTPS and an API key. */
async function prepareTls() {
  const folder = mkdtempSync(join(tmpdir(), 'prodigon-deploy-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [certificates, secrets] = ['certificates', 'secrets'].map((name) => join(folder, name)) as [string, string];
  for (const each of [certificates, secrets]) mkdirSync(each);
  // The owner of the jobs that were submitted without a key.
  writeFileSync(join(secrets, 'API_KEYS'), `local:admin=${API_KEY}`);
  const files = ['-keyout', join(certificates, 'tls.key'), '-out', join(certificates, 'tls.crt')];
  const subject = ['-days', '1', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync(requireProgram(PROGRAMS.openssl), ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, ...files], {
    stdio: 'ignore',
  });
  const port = await reservePort();
  return {
    env: {
      COMPOSE_FILE: 'compose.yaml:compose.tls.yaml',
      CERTIFICATES_DIR: certificates,
      SECRETS_DIR: secrets,
      HTTPS_PORT: String(port),
    },
    async get(path: string, headers: Record<string, string> = {}) {
      const options = { headers, ca: readFileSync(join(certificates, 'tls.crt')) };
      const [response] = (await once(get(`https://localhost:${port}${path}`, options), 'response')) as [IncomingMessage];
      return { status: response.statusCode, text: (await response.toArray()).join('') };
    },
  };
}
