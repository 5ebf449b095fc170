import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JOB_LIMITS } from '@prodigon/contracts';
import { SETTINGS } from '@prodigon/platform';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ROOT, read } from '../documents.test-support.ts';
import { expectValid } from './expect-valid.test-support.ts';
import { findTypeErrors } from './find-type-errors.ts';
import { containersOf, type KubernetesObject, ofKind, workloadNamed } from './kubernetes-objects.ts';
import { buildKustomization } from './kustomize.ts';

let folder: string;
let objects: readonly KubernetesObject[];
/** Builds the example as operators change it: with each optional line, and their own providers and models. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'prodigon-components-'));
  cpSync(join(ROOT, 'infra/kubernetes'), folder, { recursive: true });
  const overlay = join(folder, 'overlays/example');
  const file = join(overlay, 'kustomization.yaml');
  const lines = readFileSync(file, 'utf8').replace(/^( +)# (- | {2}\w+: \[)/gm, '$1$2');
  expect(lines.match(/components\/|TRUSTED_PROXIES|name: models/g)).toHaveLength(7);
  writeFileSync(file, lines);
  cpSync(join(ROOT, 'config/models.yaml'), join(overlay, 'models.yaml'));
  objects = await buildKustomization(overlay);
});
afterAll(() => rmSync(folder, { recursive: true }));

const podOf = (name: string) => workloadNamed(objects, name).spec.template.spec;
/** The values of the secret that a pod mounts, by the names of their files. */
const secretsOf = (name: string) =>
  Object.fromEntries(
    podOf(name)
      ?.volumes?.flatMap(({ secret }) => secret?.items ?? [])
      .map(({ key, path }) => [path, key]) ?? [],
  );
const ingress = () => {
  const [found] = ofKind(objects, 'Ingress');
  return { class: found?.spec?.ingressClassName, annotations: found?.metadata?.annotations ?? {} };
};

describe('the components of the Kubernetes manifests', () => {
  it('match the JSON schemas and types of Kubernetes', async () => {
    await expectValid(objects);
    expect(findTypeErrors(objects)).toEqual([]);
  });

  it('name every component in the example', () => {
    const { components } = parse(readFileSync(join(folder, 'overlays/example/kustomization.yaml'), 'utf8'));
    const names = ['cert-manager', 'database-owner', 'database-pooler', 'ingress-nginx', 'models-file'];
    expect(components.map((path: string) => path.replace('../../components/', '')).sort()).toEqual(names);
  });

  it('add settings to those of the base', () => {
    const settings = ofKind(objects, 'ConfigMap').find(({ metadata }) => metadata.name.startsWith('settings-'))?.data ?? {};
    expect(settings).toMatchObject({ LOG_LEVEL: 'info', TRUSTED_PROXIES: '10.244.0.0/16', LABS: 'off' });
    for (const name of Object.keys(settings)) expect(SETTINGS).toHaveProperty(name);
  });

  it('mount the providers and models at the path that the services read', () => {
    const file = ofKind(objects, 'ConfigMap').find(({ metadata }) => metadata.name.startsWith('models-'));
    expect(file?.data).toEqual({ 'models.yaml': read('config/models.yaml') });
    for (const name of ['gateway', 'model', 'worker']) {
      expect(podOf(name)?.volumes).toContainEqual({ name: 'models', configMap: { name: file?.metadata.name } });
      const [container] = containersOf(workloadNamed(objects, name));
      expect(container?.volumeMounts).toContainEqual({ name: 'models', mountPath: '/app/config', readOnly: true });
    }
    expect(`/app/${SETTINGS.MODELS_FILE.default}`).toBe('/app/config/models.yaml');
  });

  it('give ingress-nginx the limits and timeouts of infra/nginx', () => {
    const { annotations, class: name } = ingress();
    const option = (key: string) => annotations[`nginx.ingress.kubernetes.io/${key}`];
    expect(name).toBe('nginx');
    const routes = read('infra/nginx/routes.conf');
    const directive = (key: string) => new RegExp(`^ *proxy_${key} (.+?)s?;`, 'm').exec(routes)?.[1];
    expect(Number.parseInt(option('proxy-body-size') ?? '', 10) << 20).toBeGreaterThanOrEqual(JOB_LIMITS.fileBytesMax);
    expect(option('proxy-buffering')).toBe(directive('buffering'));
    expect(option('proxy-request-buffering')).toBe(directive('request_buffering'));
    expect(option('proxy-read-timeout')).toBe(directive('read_timeout'));
    expect(option('proxy-send-timeout')).toBe(directive('send_timeout'));
    expect(option('proxy-connect-timeout')).toBe(directive('connect_timeout'));
    expect(option('proxy-next-upstream')).toBe(directive('next_upstream')?.replace(/s$/, ''));
    expect(option('proxy-next-upstream-timeout')).toBe(directive('next_upstream_timeout'));
    expect(Number(option('proxy-read-timeout')) * 1_000).toBeGreaterThan(Number(SETTINGS.TOTAL_TIMEOUT_MS.default));
  });

  it('let cert-manager create the certificate and answer challenges', () => {
    expect(ingress().annotations).toHaveProperty(['cert-manager.io/cluster-issuer']);
    const policy = ofKind(objects, 'NetworkPolicy').find(({ metadata }) => metadata.name === 'http01-solver');
    expect(policy?.spec).toMatchObject({ ingress: [{ ports: [{ port: 8089 }] }] });
  });

  it('give services the direct address of the database beside the pooler, and the migration that of the owner', () => {
    for (const name of ['gateway', 'model', 'worker']) {
      expect(secretsOf(name)).toMatchObject({
        'database-url': 'database-url',
        'database-direct-url': 'database-direct-url',
      });
      const [container] = containersOf(workloadNamed(objects, name));
      const value = '/run/secrets/prodigon/database-direct-url';
      expect(container?.env).toContainEqual({ name: 'DATABASE_DIRECT_URL_FILE', value });
    }
    expect(secretsOf('migrate')).toEqual({ 'database-url': 'database-owner-url' });
  });
});
