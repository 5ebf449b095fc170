import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration, SETTINGS } from '@prodigon/platform';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../postgres.ts';
import { type RunningApp, startApp } from '../start-app.ts';
import { containersOf, type KubernetesObject, ofKind, type Workload, workloadNamed, workloadsOf } from './kubernetes-objects.ts';
import { buildKustomization } from './kustomize.ts';

const SECRETS_PATH = '/run/secrets/prodigon';
const API_KEY = 'api-key-of-this-test-only';
/** The images of all services set this variable, which requires the internal token. */
const IMAGE_VARIABLES = { INTERNAL_HOST: '0.0.0.0' };
const SERVICES = ['gateway', 'model', 'worker'] as const;

let objects: readonly KubernetesObject[];
let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  objects = await buildKustomization('infra/kubernetes/overlays/production');
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'prodigon-pods-'));
  mkdirSync(join(folder, 'secrets'));
  const secrets = {
    'api-keys': `${API_KEY}\n`,
    'internal-token': 'internal-token-of-this-test-only\n',
    'database-url': `${database.url}\n`,
    'redis-url': 'redis://127.0.0.1:9\n',
  };
  for (const [key, value] of Object.entries(secrets)) writeFileSync(join(folder, 'secrets', key), value);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await database.drop();
});

/** Returns the variables of a workload's container, as its pod sets them. */
function variablesOf(workload: Workload): Record<string, string> {
  const [container] = containersOf(workload);
  const settings = (container?.envFrom ?? []).flatMap(({ configMapRef }) =>
    ofKind(objects, 'ConfigMap')
      .filter(({ metadata }) => metadata.name === configMapRef?.name)
      .flatMap(({ data }) => Object.entries(data ?? {})),
  );
  return Object.fromEntries([...settings, ...(container?.env ?? []).map(({ name, value }) => [name, value ?? ''])]);
}

/** The same, with the secrets of this test. */
const withSecrets = (variables: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, value.replace(SECRETS_PATH, join(folder, 'secrets'))]),
  );

const prodigonWorkloads = () => workloadsOf(objects).filter(({ metadata }) => !['frontend', 'redis'].includes(metadata.name));

describe('the pods', () => {
  it('set only variables that Prodigon knows, to valid values', () => {
    for (const workload of prodigonWorkloads()) {
      const variables = variablesOf(workload);
      const unknown = Object.keys(variables).filter((name) => !(name.replace(/_FILE$/, '') in SETTINGS));
      expect(unknown, workload.metadata.name).toEqual([]);
      expect(Object.keys(variables).length).toBeGreaterThan(0);
    }
    for (const workload of prodigonWorkloads())
      expect(() =>
        loadConfiguration({ env: { ...IMAGE_VARIABLES, ...withSecrets(variablesOf(workload)) }, directory: folder }),
      ).not.toThrow();
  });

  it('mount exactly the secrets that their variables name', () => {
    for (const workload of prodigonWorkloads()) {
      const [container] = containersOf(workload);
      const mounts = container?.volumeMounts?.filter(({ mountPath }) => mountPath === SECRETS_PATH);
      expect(mounts).toEqual([{ name: 'secrets', mountPath: SECRETS_PATH, readOnly: true }]);
      const secret = workload.spec.template.spec?.volumes?.find(({ name }) => name === 'secrets')?.secret;
      const mounted = secret?.items?.map(({ path }) => `${SECRETS_PATH}/${path}`) ?? [];
      const named = Object.entries(variablesOf(workload)).flatMap(([name, value]) => (name.endsWith('_FILE') ? value : []));
      expect(named.sort(), workload.metadata.name).toEqual(mounted.sort());
    }
  });

  it('can write to the data folder', () => {
    for (const workload of prodigonWorkloads()) expect(variablesOf(workload).DATA_DIR).toMatch(/^\/tmp\//);
  });

  it('address the headless services by their names and ports', () => {
    const { MODEL_SERVICE_URL, WORKER_SERVICE_URL } = variablesOf(workloadNamed(objects, 'gateway'));
    const urls = ofKind(objects, 'Service')
      .filter(({ spec }) => spec?.clusterIP === 'None')
      .map(({ metadata, spec }) => `http://${metadata.name}:${spec?.ports?.[0]?.port}`);
    expect(urls.sort()).toEqual([MODEL_SERVICE_URL, WORKER_SERVICE_URL]);
  });

  it('listen on the ports of their containers', () => {
    for (const name of SERVICES) {
      const workload = workloadNamed(objects, name);
      const [container] = containersOf(workload);
      const variables = variablesOf(workload);
      const ports = [variables[`${name.toUpperCase()}_PORT`], ...(name === 'gateway' ? [variables.CHAT_PORT] : [])];
      expect(container?.ports?.map(({ containerPort }) => String(containerPort))).toEqual(ports);
    }
  });

  it('have more time to stop than a service takes', () => {
    for (const name of SERVICES) {
      const workload = workloadNamed(objects, name);
      const { DRAIN_NOTICE_MS, DRAIN_TIMEOUT_MS } = variablesOf(workload);
      // After the timeout, a service sends errors to open calls and closes its database.
      const stopMs = Number(DRAIN_NOTICE_MS) + Number(DRAIN_TIMEOUT_MS) + 2_000;
      expect((workload.spec.template.spec?.terminationGracePeriodSeconds ?? 0) * 1_000).toBeGreaterThan(stopMs);
    }
  });
});

it('the services start with the variables of their pods, pass their probes and call each other', async () => {
  const apps: RunningApp[] = [];
  const start = async (name: (typeof SERVICES)[number], changes: Record<string, string> = {}) => {
    const ports = { GATEWAY_PORT: '0', MODEL_PORT: '0', MODEL_GRPC_PORT: '0', WORKER_PORT: '0' };
    const env = withSecrets(variablesOf(workloadNamed(objects, name)));
    // `startApp` would otherwise create a database for the worker.
    const inFile = { DATABASE_URL: '' };
    const app = await startApp(name, { ...env, ...ports, ...inFile, DATA_DIR: join(folder, name), ...changes });
    apps.push(app);
    return app.url.replace('0.0.0.0', '127.0.0.1');
  };
  try {
    const model = await start('model');
    const worker = await start('worker', { MODEL_SERVICE_URL: model });
    const gateway = await start('gateway', { MODEL_SERVICE_URL: model, WORKER_SERVICE_URL: worker });
    const urls = { gateway, model, worker };
    for (const name of SERVICES) {
      const [container] = containersOf(workloadNamed(objects, name));
      const paths = [container?.startupProbe, container?.livenessProbe, container?.readinessProbe].map(
        (probe) => probe?.httpGet?.path,
      );
      for (const path of paths) expect((await fetch(`${urls[name]}${path}`)).status, `${name} ${path}`).toBe(200);
    }
    const generate = (key: string) =>
      fetch(`${gateway}/api/v1/generate`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body: JSON.stringify({ prompt: 'What is a readiness probe for?' }),
      });
    expect((await generate('wrong')).status).toBe(401);
    expect((await generate(API_KEY)).status).toBe(200);
  } finally {
    for (const app of apps) await app.close();
  }
});
