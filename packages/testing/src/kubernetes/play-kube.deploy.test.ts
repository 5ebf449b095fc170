import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiClient, createApiClient } from '@prodigon/api-client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { type ContainerEngine, requirePodman } from '../container-engine.ts';
import { ROOT, read } from '../documents.test-support.ts';
import { reservePort } from '../reserve-port.ts';
import type { KubernetesObject } from './kubernetes-objects.ts';
import { buildKustomization } from './kustomize.ts';
import { playableWorkloads, unplayedKinds } from './playable-objects.ts';

const { version } = JSON.parse(read('package.json'));
const PREFIX = `prodigon-play-${process.pid}`;
const TARGETS = ['gateway', 'model', 'worker', 'frontend', 'migrate'];
const START_MS = 1_200_000;
const WAIT = { timeout: 120_000, interval: 200 };
const PASSWORD = 'password-of-this-test-only';
const API_KEY = 'api-key-of-this-test-only';
/** The values that the page about Kubernetes tells operators to create. */
const SECRET = {
  'api-keys': `ops:admin=${API_KEY}`,
  'internal-token': 'internal-token-of-this-test-only',
  'database-password': PASSWORD,
  'database-url': `postgresql://prodigon:${PASSWORD}@postgres:5432/prodigon`,
  'redis-settings': `requirepass ${PASSWORD}`,
  'redis-url': `redis://:${PASSWORD}@redis:6379`,
};

let objects: readonly KubernetesObject[];
let podman: ContainerEngine;
let folder: string;
let gateway: string;
let frontend: string;
let client: ApiClient;

beforeAll(async () => {
  podman = requirePodman();
  objects = await buildKustomization('infra/kubernetes/overlays/single-node');
  folder = mkdtempSync(join(tmpdir(), 'prodigon-play-'));
  for (const target of TARGETS) podman.run('build', '--target', target, '--tag', `prodigon-${target}:${version}`, ROOT);
  podman.run('network', 'create', PREFIX);
  const hostPorts = { gateway: await reservePort(), frontend: await reservePort() };
  // The local images have only the tags that Compose uses.
  const images = { 'postgres:18.6': 'postgres:18', 'redis:8.2.3': 'redis:8' };
  for (const { name, documents } of playableWorkloads(objects, { prefix: PREFIX, hostPorts, secret: SECRET, images }))
    play(name, documents);
  gateway = `http://127.0.0.1:${hostPorts.gateway}`;
  frontend = `http://127.0.0.1:${hostPorts.frontend}`;
  client = createApiClient({ baseUrl: gateway, apiKey: () => API_KEY });
}, START_MS);

afterAll(() => {
  for (const pod of named('pod', 'ps', '{{.Name}}')) podman.run('pod', 'rm', '--force', '--time', '5', pod);
  for (const volume of named('volume', 'ls', '{{.Name}}')) podman.run('volume', 'rm', '--force', volume);
  for (const network of named('network', 'ls', '{{.Name}}')) podman.run('network', 'rm', '--force', network);
  rmSync(folder, { recursive: true });
}, START_MS);

/** Plays documents. The pod has the address `name` in the network of this test, as a service of that name would give it. */
function play(name: string, documents: readonly unknown[]): void {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, documents.map((document) => stringify(document)).join('---\n'));
  podman.run('play', 'kube', '--network', `${PREFIX}:alias=${name}`, file);
}

/** Returns the names of the objects that this test has created. */
const named = (kind: string, list: string, format: string) =>
  podman
    .run(kind, list, '--format', format)
    .split('\n')
    .filter((name) => name.startsWith(PREFIX));

/** Returns the container of a workload. */
function containerOf(name: string): string {
  const all = podman.run('ps', '--all', '--format', '{{.Names}}').split('\n');
  const found = all.find((container) => container.startsWith(`${PREFIX}-${name}`) && container.endsWith(`-${name}`));
  if (found === undefined) throw new Error(`No container of ${name} exists`);
  return found;
}

const inspect = (name: string) => JSON.parse(podman.run('inspect', containerOf(name)))[0];

describe('podman plays the manifests for one node', () => {
  it('applies the migrations', async () => {
    await vi.waitFor(() => expect(inspect('migrate').State).toMatchObject({ Status: 'exited', ExitCode: 0 }), WAIT);
  });

  it('becomes ready, streams a response to a client with a key, and rejects one without', async () => {
    await vi.waitFor(async () => expect((await fetch(`${gateway}/readyz`)).status).toBe(200), WAIT);
    const stream = (headers: Record<string, string>) =>
      fetch(`${gateway}/api/v1/generate/stream`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ prompt: 'What is a readiness probe for?' }),
      });
    const response = await stream({ authorization: `Bearer ${API_KEY}` });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(await response.text()).toMatch(/^(?:data: .+\n\n){3,}data: \[DONE\]\n\n$/);
    expect((await stream({})).status).toBe(401);
  });

  it('accepts a key that the documented command creates in the gateway', async () => {
    const page = read('docs/operations/team-keys.md');
    const [, command = ''] = /^kubectl exec deployment\/gateway --namespace prodigon -- (.+)$/m.exec(page) ?? [];
    const create = () => podman.run('exec', containerOf('gateway'), ...command.split(' '));
    const key = await vi.waitFor(create, WAIT);
    expect(await createApiClient({ baseUrl: gateway, apiKey: () => key.trim() }).me()).toMatchObject({
      owner: 'ada',
      role: 'member',
    });
  });

  it('runs a job on the worker and in PostgreSQL', async () => {
    // The worker starts when the migrations are complete.
    const prompts = ['What is a circuit breaker?', 'What is a lease?'];
    const { job_id } = await vi.waitFor(() => client.jobs.submit({ prompts }), WAIT);
    await vi.waitFor(async () => {
      expect(await client.jobs.get(job_id)).toMatchObject({ status: 'completed', completed_prompts: 2 });
    }, WAIT);
  });

  it('runs Redis with the password of its settings', () => {
    const ping = (variables: string) => podman.run('exec', containerOf('redis'), 'sh', '-c', `${variables} redis-cli ping`);
    expect(ping(`REDISCLI_AUTH=${PASSWORD}`)).toBe('PONG');
    expect(ping('')).toMatch(/^NOAUTH /);
  });

  it('serves the web UI', async () => {
    expect(await (await fetch(frontend)).text()).toContain('<title>Prodigon');
  });

  it('runs each container as the user of its manifest, on a read-only file system', () => {
    for (const name of [...TARGETS, 'postgres', 'redis']) {
      const { Config, HostConfig } = inspect(name);
      const user = TARGETS.includes(name) ? '1000' : '999';
      expect([name, Config.User.split(':')[0], HostConfig.ReadonlyRootfs]).toEqual([name, user, true]);
    }
  });

  it('stops each service with the exit code 0', () => {
    for (const name of ['gateway', 'worker', 'model']) {
      podman.run('stop', '--time', '75', containerOf(name));
      expect([name, inspect(name).State.ExitCode]).toEqual([name, 0]);
    }
  });
});

it('the page about Kubernetes lists the kinds that podman does not play', () => {
  const [, listed = ''] = /podman does not play these kinds: (.+?)\.$/m.exec(read('docs/operations/kubernetes.md')) ?? [];
  expect(
    listed
      .replaceAll('`', '')
      .split(/, | and /)
      .sort(),
  ).toEqual(unplayedKinds(objects));
});
