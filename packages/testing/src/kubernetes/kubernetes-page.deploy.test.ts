import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMetrics } from '@prodigon/platform';
import {
  CHAT_CONNECTIONS_MAX,
  KEY_CONNECTIONS_MAX,
  MIGRATION_CONNECTIONS_MAX,
  POOL_CONNECTIONS_MAX,
  USAGE_CONNECTIONS_MAX,
} from '@prodigon/storage';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ROOT, read } from '../documents.test-support.ts';
import { containersOf, type KubernetesObject, ofKind, workloadNamed, workloadsOf } from './kubernetes-objects.ts';
import { buildKustomization } from './kustomize.ts';

const { version } = JSON.parse(read('package.json'));
const page = read('docs/operations/kubernetes.md');
const IMAGES = ['frontend', 'gateway', 'migrate', 'model', 'worker'].map((name) => `prodigon-${name}`);
const MY_PLATFORM = 'infra/kubernetes/overlays/my-platform';
/** These programs record their parameters. A test has no cluster, no registry and no node. */
const RECORDED = ['kubectl', 'docker', 'k3s'];
/** Separates parameters, which contain spaces. */
const SEPARATOR = '\x1f';
const STUB = `#!/bin/bash\nIFS=$'${SEPARATOR}'\nprintf '%s\\n' "\${0##*/}${SEPARATOR}$*" >> "$RECORD"\n`;

let folder: string;
let singleNode: readonly KubernetesObject[];
beforeAll(async () => {
  singleNode = await buildKustomization('infra/kubernetes/overlays/single-node');
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prodigon-kubernetes-page-'));
  for (const path of ['infra/kubernetes', 'config']) cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  mkdirSync(join(folder, 'bin'));
  for (const name of RECORDED) writeFileSync(join(folder, 'bin', name), STUB, { mode: 0o755 });
  writeFileSync(join(folder, 'bin/sudo'), '#!/bin/bash\nexec "$@"\n', { mode: 0o755 });
  return () => rmSync(folder, { recursive: true });
});

/** Makes `kubectl` fail for one of its commands. */
const failKubectl = (command: string) =>
  writeFileSync(join(folder, 'bin/kubectl'), `${STUB}[ "$1" != ${command} ]\n`, { mode: 0o755 });

/**
 * Runs the commands of a section and returns the calls of the recorded programs. The shell of an operator, unlike that of a
 * script, continues after an error.
 */
function runSection(
  heading: string,
  variables: Record<string, string> = {},
  shell: 'script' | 'operator' = 'script',
): string[][] {
  const [, section = ''] = page.split(`\n## ${heading}\n`);
  const blocks = [...(section.split('\n## ')[0] ?? '').matchAll(/^```bash\n([\s\S]*?)^```/gm)].map(([, block]) => block);
  expect(blocks.length, heading).toBeGreaterThan(0);
  const record = join(folder, 'record');
  writeFileSync(record, '');
  const env = { ...variables, PATH: `${folder}/bin:${process.env.PATH}`, RECORD: record };
  const [flags, end] = shell === 'script' ? ['-euo', ''] : ['-uo', '\ntrue'];
  execFileSync('bash', [flags, 'pipefail', '-c', blocks.join('\n') + end], { cwd: folder, env, stdio: 'pipe' });
  const lines = readFileSync(record, 'utf8').trim().split('\n');
  return lines.map((line) => line.split(SEPARATOR));
}

const callsOf = (calls: readonly string[][], ...start: string[]) =>
  calls.filter((call) => start.every((word, index) => call[index] === word)).map((call) => call.slice(start.length));
/** Returns the value of a parameter, as `--name value` or `--name=value`. */
function parameterOf(call: readonly string[], name: string): string | undefined {
  const index = call.indexOf(name);
  return index >= 0 ? call[index + 1] : call.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
}
const imagesOf = (objects: readonly KubernetesObject[]) =>
  workloadsOf(objects).flatMap((workload) => containersOf(workload).map(({ image = '' }) => image));
/** Returns the images that the page builds. */
const ownImagesOf = (objects: readonly KubernetesObject[]) =>
  imagesOf(objects).filter((image) => !/^(?:postgres|redis):/.test(image));

describe('the commands on the page about Kubernetes', () => {
  it('build, push and load the images that the overlays name', async () => {
    const calls = runSection('Build the images');
    const built = callsOf(calls, 'docker', 'build').map((call) => ({
      target: parameterOf(call, '--target'),
      tag: parameterOf(call, '--tag') ?? '',
    }));
    const targets = [...read('Dockerfile').matchAll(/^FROM .+ AS (\w+)$/gm)].map(([, name]) => name);
    for (const { target, tag } of built) {
      expect(targets).toContain(target);
      expect(tag).toContain(`/prodigon-${target}:`);
    }
    const tags = built.map(({ tag }) => tag);
    const pushed = callsOf(calls, 'docker', 'push').flat();
    const example = await buildKustomization(join(folder, 'infra/kubernetes/overlays/example'));
    expect(pushed.sort()).toEqual(ownImagesOf(example).sort());
    const saved = callsOf(calls, 'docker', 'save').flat();
    const local = ownImagesOf(singleNode);
    expect(saved.sort()).toEqual(local.map((image) => `docker.io/library/${image}`).sort());
    expect(tags.sort()).toEqual([...pushed, ...saved].sort());
    expect(callsOf(calls, 'k3s', 'ctr', 'images', 'import')).toHaveLength(IMAGES.length);
  });

  it('create the namespace and every value of the secrets that the pods mount', () => {
    const calls = runSection('Create the secrets', { key: 'a-key', user: 'me', token: 'a-token' });
    expect(calls[0]).toEqual(['kubectl', 'apply', '-f', 'infra/kubernetes/namespace.yaml']);
    const created = callsOf(calls, 'kubectl', 'create', 'secret');
    expect(new Set(created.map((call) => parameterOf(call, '--namespace')))).toEqual(new Set(['prodigon']));
    const [values = []] = callsOf(calls, 'kubectl', 'create', 'secret', 'generic', 'prodigon');
    const literals = values.flatMap((word) => /^--from-literal=([a-z-]+)=(.+)$/.exec(word)?.slice(1, 2) ?? []);
    const volumes = workloadsOf(singleNode).flatMap(({ spec }) => spec.template.spec?.volumes ?? []);
    const mounted = volumes.flatMap(({ secret }) => secret ?? []);
    expect(new Set(mounted.map(({ secretName }) => secretName))).toEqual(new Set(['prodigon']));
    expect(literals.sort()).toEqual([...new Set(mounted.flatMap(({ items }) => items ?? []).map(({ key }) => key))].sort());
    const [model] = containersOf(workloadNamed(singleNode, 'model'));
    const variables = model?.envFrom?.flatMap(({ secretRef }) => secretRef?.name ?? []) ?? [];
    expect(created.map(([, name]) => name)).toEqual(['prodigon', ...variables, 'registry']);
    const [patch = []] = callsOf(calls, 'kubectl', 'patch', 'serviceaccount', 'default');
    expect(JSON.parse(parameterOf(patch, '--patch') ?? '')).toEqual({ imagePullSecrets: [{ name: 'registry' }] });
  });

  it('copy the example into an overlay with your registry and host', async () => {
    const calls = runSection('Start in production');
    expect(callsOf(calls, 'kubectl', 'apply')).toEqual([['-k', MY_PLATFORM]]);
    const objects = await buildKustomization(join(folder, MY_PLATFORM));
    expect(ownImagesOf(objects).sort()).toEqual(IMAGES.map((name) => `registry.my-domain.com/${name}:${version}`));
    const [ingress] = ofKind(objects, 'Ingress');
    expect(ingress?.spec?.rules?.[0]?.host).toBe('prodigon.my-domain.com');
    const [secret = []] = callsOf(calls, 'kubectl', 'create', 'secret', 'tls');
    expect(ingress?.spec?.tls).toEqual([{ hosts: ['prodigon.my-domain.com'], secretName: secret[0] }]);
  });

  it('keep the own database of an overlay on top of the overlay for one node', async () => {
    runSection('Start in production');
    const file = join(folder, MY_PLATFORM, 'kustomization.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('../production', '../single-node'));
    const objects = await buildKustomization(join(folder, MY_PLATFORM));
    expect(imagesOf(objects)).toContain('postgres:18.6');
    expect(ofKind(objects, 'Ingress')[0]?.spec?.ingressClassName).toBe('nginx');
  });

  it('update the images, migrate first, and replace the callers of a service after it', async () => {
    runSection('Start in production');
    const calls = runSection('Update', { tag: '9.9.9' }).map(([, ...words]) => words);
    const objects = await buildKustomization(join(folder, MY_PLATFORM));
    expect(new Set(ownImagesOf(objects).map((image) => image.split(':')[1]))).toEqual(new Set(['9.9.9']));
    expect(calls.slice(0, 2).map(([command]) => command)).toEqual(['diff', 'delete']);
    const applied = callsOf(calls, 'apply').map((call) => {
      expect(parameterOf(call, '-k')).toBe(MY_PLATFORM);
      return objects.filter((object) => isSelected(object, parameterOf(call, '--selector') ?? ''));
    });
    const kinds = applied.map((group) => group.find(({ kind }) => ['Job', 'Deployment'].includes(kind))?.metadata.name);
    expect(kinds).toEqual([undefined, 'migrate', 'redis', 'model', 'worker', 'gateway', 'frontend']);
    expect(applied.flat()).toHaveLength(objects.length);
    expect(calls.slice(-2).map((call) => call.slice(0, 2))).toEqual([
      ['apply', '-k'],
      ['rollout', 'status'],
    ]);
  });

  it('replace no service if the migration fails, and no further service if one does not become ready', () => {
    runSection('Start in production');
    const applied = () =>
      callsOf(runSection('Update', { tag: '9.9.9' }, 'operator'), 'kubectl', 'apply').map((call) =>
        parameterOf(call, '--selector'),
      );
    failKubectl('wait');
    expect(applied()).toEqual(['!app.kubernetes.io/name', 'app.kubernetes.io/name=migrate']);
    failKubectl('rollout');
    expect(applied().slice(2)).toEqual(['app.kubernetes.io/name=redis']);
  });

  it('keep the secret if the database does not accept the new password', () => {
    failKubectl('exec');
    const calls = runSection('Change a secret', {}, 'operator');
    const patches = callsOf(calls, 'kubectl', 'patch', 'secret').map((call) => parameterOf(call, '--patch'));
    expect(patches.filter((patch) => patch?.includes('database-url'))).toEqual([]);
  });

  it('change the password of the database and the internal token', () => {
    const calls = runSection('Change a secret');
    const patches = callsOf(calls, 'kubectl', 'patch', 'secret', 'prodigon').map((call) =>
      JSON.parse(parameterOf(call, '--patch') ?? ''),
    );
    const [{ stringData }, token] = patches;
    const [statement = []] = callsOf(calls, 'kubectl', 'exec', 'statefulset/postgres');
    const password = stringData['database-password'];
    expect(parameterOf(statement, '--command')).toBe(`ALTER ROLE prodigon PASSWORD '${password}'`);
    expect(stringData['database-url']).toBe(`postgresql://prodigon:${password}@postgres:5432/prodigon`);
    expect(token).toEqual({ stringData: { 'internal-token': expect.stringMatching(/^[0-9a-f]{48}$/) } });
    const [deletion = []] = callsOf(calls, 'kubectl', 'delete', 'pod');
    expect(/in \((.+)\)$/.exec(parameterOf(deletion, '--selector') ?? '')?.[1]?.split(', ')).toEqual([
      'gateway',
      'model',
      'worker',
    ]);
  });

  it('name only files, jobs, deployments and stateful sets that exist', () => {
    const commands = [...page.matchAll(/^```bash\n([\s\S]*?)^```/gm)].map(([, block]) => block).join('');
    const matches = (pattern: RegExp) => [...new Set([...commands.matchAll(pattern)].map(([, found = '']) => found))];
    const paths = matches(/\b(infra\/[\w/.-]+)/g).filter((path) => !path.startsWith(MY_PLATFORM));
    expect(paths.length).toBeGreaterThan(2);
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    const names = singleNode.map(({ kind, metadata }) => `${kind.toLowerCase()}/${metadata.name}`);
    const named = matches(/\b((?:job|deployment|statefulset)\/[a-z]+)\b/g);
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => !names.includes(name))).toEqual([]);
  });
});

describe('the page about Kubernetes', () => {
  it('explains every setting of the base', () => {
    const settings = read('infra/kubernetes/base/settings.env').match(/^\w+(?==)/gm) ?? [];
    const [, table = ''] = page.split('| Setting | Why the base sets it |');
    const explained = [...(table.split('\n\n')[0] ?? '').matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name);
    expect(settings.length).toBeGreaterThan(10);
    expect(explained.sort()).toEqual([...settings].sort());
  });

  it('states how many database connections the replicas open', async () => {
    // A worker also has one connection for its locks, and one for notifications.
    const worker = POOL_CONNECTIONS_MAX + 2;
    // One of them receives notifications. The tables of keys and those of conversations are migrated separately.
    const gateway = KEY_CONNECTIONS_MAX + CHAT_CONNECTIONS_MAX + 1;
    // The tables of usage and those of keys are migrated separately.
    const model = USAGE_CONNECTIONS_MAX + KEY_CONNECTIONS_MAX + 2 * MIGRATION_CONNECTIONS_MAX;
    expect(page).toContain(`A worker opens at most ${worker} connections, two of them without a pooler.`);
    expect(page).toContain(`A gateway opens ${gateway}, one of them without a pooler, and ${2 * MIGRATION_CONNECTIONS_MAX} more`);
    expect(page).toContain(
      `A model service opens ${USAGE_CONNECTIONS_MAX + KEY_CONNECTIONS_MAX}, and ${2 * MIGRATION_CONNECTIONS_MAX} more`,
    );
    const scalers = ofKind(await buildKustomization('infra/kubernetes/overlays/production'), 'HorizontalPodAutoscaler');
    const replicas = (name: string) => (scalers.find(({ metadata }) => metadata.name === name)?.spec?.maxReplicas ?? 0) + 1;
    const services =
      replicas('worker') * worker + replicas('model') * model + replicas('gateway') * (gateway + 2 * MIGRATION_CONNECTIONS_MAX);
    const all = services + MIGRATION_CONNECTIONS_MAX;
    expect(page).toContain(`during an update, these are ${all}.`);
  });
});

describe('the scrape configuration for Kubernetes', () => {
  const [job] = parse(read('infra/observability/prometheus-kubernetes.yml')).scrape_configs;

  it('selects the pods of all services by the labels and port names of the manifests', () => {
    const [keep] = job.relabel_configs;
    const regex = new RegExp(`^(?:${keep.regex})$`);
    const kept = workloadsOf(singleNode).flatMap((workload) =>
      (containersOf(workload)[0]?.ports ?? [])
        .map(({ name }) => [workload.spec.template.metadata?.labels?.['app.kubernetes.io/name'], name].join(';'))
        .filter((labels) => regex.test(labels)),
    );
    expect(kept.sort()).toEqual(['gateway;http', 'model;http', 'worker;http']);
    expect(job.kubernetes_sd_configs[0].namespaces.names).toEqual([singleNode[0]?.metadata.namespace]);
  });

  it('gives the series of the adapter the labels that its rule needs', () => {
    const [{ seriesQuery }] = parse(read('infra/observability/prometheus-adapter.yml')).externalRules;
    const [, metric = '', label] = /^\{__name__="(\w+)",(\w+)!=""\}$/.exec(seriesQuery) ?? [];
    expect(createMetrics().registry.getSingleMetric(metric)).toBeDefined();
    expect(job.relabel_configs).toContainEqual({ source_labels: ['__meta_kubernetes_namespace'], target_label: label });
  });

  it('reads the token from the secret that the page creates', () => {
    const calls = runSection('Metrics and autoscaling');
    const [call = []] = callsOf(calls, 'kubectl', 'create', 'secret', 'generic');
    const key = /--from-file=([a-z-]+)=/.exec(call.join(' '))?.[1];
    expect(job.authorization.credentials_file).toBe(`/etc/prometheus/secrets/${call[0]}/${key}`);
    const policy = ofKind(singleNode, 'NetworkPolicy').find(({ metadata }) => metadata.name === 'metrics');
    const labels = policy?.spec?.ingress?.[0]?.from?.[0]?.namespaceSelector?.matchLabels ?? {};
    const [label = []] = callsOf(calls, 'kubectl', 'label', 'namespace');
    expect(label[1]).toBe(Object.entries(labels)[0]?.join('='));
  });
});

/** Returns whether `kubectl apply --selector` applies an object: `name=value` and `!name` are all that the page uses. */
function isSelected({ metadata }: KubernetesObject, selector: string): boolean {
  const { labels = {} } = metadata as { labels?: Record<string, string> };
  if (selector.startsWith('!')) return labels[selector.slice(1)] === undefined;
  const [name = '', value] = selector.split('=');
  return labels[name] === value;
}
