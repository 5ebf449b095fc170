import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createMetrics } from '@prodigon/platform';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ROOT, read } from '../documents.test-support.ts';
import { expectValid } from './expect-valid.test-support.ts';
import { findTypeErrors } from './find-type-errors.ts';
import { containersOf, type KubernetesObject, ofKind, selects, workloadNamed, workloadsOf } from './kubernetes-objects.ts';
import { buildKustomization } from './kustomize.ts';

const { version } = JSON.parse(read('package.json'));

/** Services that only other pods may call. */
const INTERNAL = ['model', 'worker', 'postgres', 'redis'];

describe.each(['single-node', 'production', 'example'])('the Kubernetes manifests for %s', (overlay) => {
  let objects: readonly KubernetesObject[];
  beforeAll(async () => {
    objects = await buildKustomization(`infra/kubernetes/overlays/${overlay}`);
  });
  /** Every container with its workload. */
  const containers = () =>
    workloadsOf(objects).flatMap((workload) => containersOf(workload).map((container) => ({ workload, container })));
  /** The workloads whose pods a selector matches. */
  const selected = (selector: Parameters<typeof selects>[0]) =>
    workloadsOf(objects)
      .filter((workload) => selects(selector, workload))
      .map(({ metadata }) => metadata.name);

  it('match the JSON schemas of Kubernetes', () => expectValid(objects));

  it('contain no unknown fields', () => expect(findTypeErrors(objects)).toEqual([]));

  it('are in the namespace prodigon, which enforces the restricted pod security standard', () => {
    expect(new Set(objects.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['prodigon']));
    expect(parse(read('infra/kubernetes/namespace.yaml'))).toMatchObject({
      kind: 'Namespace',
      metadata: { name: 'prodigon', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    });
  });

  it('contain neither data nor secrets, so that deleting them deletes none', () => {
    const kinds = objects.map(({ kind }) => kind);
    for (const kind of ['Namespace', 'PersistentVolumeClaim', 'PersistentVolume', 'Secret']) expect(kinds).not.toContain(kind);
    for (const { spec } of workloadsOf(objects).filter(({ kind }) => kind === 'StatefulSet'))
      expect(spec).toMatchObject({ persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' } });
  });

  it('keep the old pods of internal services until all callers know the new ones', () => {
    // CoreDNS caches names for 30 seconds, and the callers resolve them every 5.
    for (const name of ['model', 'worker'])
      expect(workloadNamed(objects, name).spec).toMatchObject({ minReadySeconds: expect.toSatisfy((value) => value > 35) });
  });

  it('run containers without root, privileges and a writable root file system', () => {
    for (const { workload, container } of containers()) {
      expect(workload.spec.template.spec, container.name).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: expect.any(Number),
          seccompProfile: { type: 'RuntimeDefault' },
        },
      });
      expect(container.securityContext, container.name).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
  });

  it('never receive the variables of service links, which have the names of settings', () => {
    for (const { spec } of workloadsOf(objects)) expect(spec.template.spec?.enableServiceLinks).toBe(false);
  });

  it('give each container a volume for temporary files with a size limit', () => {
    for (const { workload, container } of containers()) {
      const mount = container.volumeMounts?.find(({ mountPath }) => mountPath === '/tmp');
      const volume = workload.spec.template.spec?.volumes?.find(({ name }) => name === mount?.name);
      expect(volume?.emptyDir?.sizeLimit, container.name).toBeDefined();
    }
  });

  it('request resources and limit the memory, but not the CPU', () => {
    for (const { container } of containers())
      expect(container.resources, container.name).toEqual({
        requests: { cpu: expect.any(String), memory: expect.any(String) },
        limits: { memory: expect.any(String) },
      });
  });

  it('probe each container of a service', () => {
    for (const { workload, container } of containers().filter(({ workload }) => workload.kind !== 'Job')) {
      const ports = container.ports?.map(({ name }) => name);
      for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe]) {
        expect(probe, workload.metadata.name).toBeDefined();
        if (probe?.httpGet) expect(ports).toContain(probe.httpGet.port);
      }
    }
  });

  it('name the images of this version, and of exact versions of PostgreSQL and Redis', () => {
    const registry = overlay === 'example' ? 'registry.example.com/' : '';
    const images = containers().map(({ container }) => container.image);
    expect(images.sort()).toEqual(
      [
        ...['frontend', 'gateway', 'migrate', 'model', 'worker'].map((name) => `${registry}prodigon-${name}:${version}`),
        ...(overlay === 'single-node' ? ['postgres:18.6'] : []),
        'redis:8.2.3',
      ].sort(),
    );
  });

  it('connect each service to the pods of one workload, by the name of a port', () => {
    for (const { metadata, spec } of ofKind(objects, 'Service')) {
      const names = selected({ matchLabels: spec?.selector ?? {} });
      expect(names).toEqual([metadata.name]);
      const [container] = containersOf(workloadNamed(objects, metadata.name));
      for (const { port, targetPort } of spec?.ports ?? [])
        expect(container?.ports).toContainEqual({ name: targetPort, containerPort: port });
    }
  });

  it('select the pods of each deployment by its own labels', () => {
    for (const workload of workloadsOf(objects).filter(({ spec }) => spec.selector))
      expect(selected(workload.spec.selector)).toEqual([workload.metadata.name]);
  });

  it('close the ports of all pods that no policy opens', () => {
    const closed = ofKind(objects, 'NetworkPolicy').find(({ metadata }) => metadata.name === 'closed');
    expect(closed?.spec).toEqual({ podSelector: {}, policyTypes: ['Ingress'] });
  });

  it('open only ports that the selected pods have, and those of internal services only to named pods', () => {
    const policies = ofKind(objects, 'NetworkPolicy').filter(({ metadata }) => metadata.name !== 'closed');
    const opened = policies.flatMap(({ spec }) => {
      const names = selected(spec?.podSelector);
      expect(names.length).toBeGreaterThan(0);
      const ports = names.flatMap((name) => containersOf(workloadNamed(objects, name)).flatMap(({ ports }) => ports ?? []));
      for (const { ports: allowed = [], from = [] } of spec?.ingress ?? []) {
        for (const { port } of allowed) expect(ports.map(({ containerPort }) => containerPort)).toContain(port);
        if (names.some((name) => INTERNAL.includes(name))) expect(from.length).toBeGreaterThan(0);
        for (const { podSelector, namespaceSelector } of from) {
          if (podSelector) expect(selected(podSelector).length).toBeGreaterThan(0);
          else expect(namespaceSelector?.matchLabels).toEqual({ 'prodigon.monitoring': 'true' });
        }
      }
      return names;
    });
    const listening = workloadsOf(objects).filter(({ kind }) => kind !== 'Job');
    expect(new Set(opened)).toEqual(new Set(listening.map(({ metadata }) => metadata.name)));
  });

  it('admit each pod with the address of a server in the cluster to that server', () => {
    const pods = (key: string) =>
      workloadsOf(objects)
        .filter(({ spec }) => spec.template.spec?.volumes?.some(({ secret }) => secret?.items?.some((item) => item.key === key)))
        .map(({ metadata }) => metadata.name);
    const admitted = (name: string) =>
      ofKind(objects, 'NetworkPolicy')
        .filter(({ metadata }) => metadata.name === name)
        .flatMap(({ spec }) =>
          (spec?.ingress ?? []).flatMap(({ from = [] }) => from.flatMap((each) => selected(each.podSelector))),
        );
    expect(pods('database-url').sort()).toEqual(['gateway', 'migrate', 'model', 'worker']);
    if (overlay === 'single-node') expect(admitted('postgres').sort()).toEqual(pods('database-url').sort());
    expect(admitted('redis').sort()).toEqual(pods('redis-url').sort());
  });

  it('route the API to the gateway and everything else, also /metrics, to the web UI', () => {
    const [ingress] = ofKind(objects, 'Ingress');
    const paths = ingress?.spec?.rules?.flatMap(({ http }) => http?.paths ?? []) ?? [];
    const byService = Object.groupBy(paths, ({ backend }) => backend.service?.name ?? '');
    // infra/nginx routes the same paths.
    const [, prefixes = '', files = ''] =
      /location ~ \^\/\((.+?)\)\(\/\|\$\)\|\^\/\((.+?)\)\$ /.exec(read('infra/nginx/routes.conf')) ?? [];
    const expected = [
      ...prefixes.split('|').map((name) => [`/${name}`, 'Prefix']),
      ...files
        .replaceAll('\\', '')
        .split('|')
        .map((name) => [`/${name}`, 'Exact']),
    ];
    expect(expected.length).toBeGreaterThan(6);
    expect(byService.gateway?.map(({ path, pathType }) => [path, pathType]).sort()).toEqual(expected.sort());
    expect(byService.frontend?.map(({ path, pathType }) => [path, pathType])).toEqual([['/', 'Prefix']]);
    const services = ofKind(objects, 'Service').map(({ metadata }) => metadata.name);
    for (const name of Object.keys(byService)) expect(services).toContain(name);
  });

  it('limit the disruption of every deployment', () => {
    const budgets = ofKind(objects, 'PodDisruptionBudget').flatMap(({ spec }) => selected(spec?.selector));
    const deployments = objects.filter(({ kind }) => kind === 'Deployment').map(({ metadata }) => metadata.name);
    expect(budgets.sort()).toEqual(deployments.sort());
  });

  it('scale gateway and model service by CPU, and workers by a metric that they have', () => {
    const scalers = ofKind(objects, 'HorizontalPodAutoscaler').map(({ spec }) => spec);
    expect(scalers.map((spec) => spec?.scaleTargetRef.name)).toEqual(
      overlay === 'single-node' ? [] : ['gateway', 'model', 'worker'],
    );
    for (const spec of scalers) expect(workloadNamed(objects, spec?.scaleTargetRef.name ?? '').spec.replicas).toBeUndefined();
    const metrics = scalers.flatMap((spec) => spec?.metrics ?? []);
    expect(metrics.flatMap(({ resource }) => resource?.name ?? [])).toEqual(scalers.length > 0 ? ['cpu', 'cpu'] : []);
    const { registry } = createMetrics();
    for (const { external } of metrics)
      if (external) expect(registry.getSingleMetric(external.metric.name), external.metric.name).toBeDefined();
  });
});

describe('the page about backups', () => {
  const commands = [...read('docs/operations/back-up.md').matchAll(/^.*kubectl .+$/gm)].map(([line]) => line).join('\n');

  it('names objects and values of secrets that exist in Kubernetes', async () => {
    const objects = await buildKustomization('infra/kubernetes/overlays/single-node');
    const names = objects.map(({ kind, metadata }) => `${kind.toLowerCase()}/${metadata.name}`);
    const named = commands.match(/\b(?:deployment|statefulset)\/[a-z]+\b/g) ?? [];
    expect(named).toHaveLength(4);
    expect(named.filter((name) => !names.includes(name))).toEqual([]);
    expect(existsSync(join(ROOT, /apply -k (\S+)/.exec(commands)?.[1] ?? ''))).toBe(true);
    const [, key = ''] = /jsonpath='\{\.data\.([a-z-]+)\}'/.exec(commands) ?? [];
    expect(read('docs/operations/kubernetes.md')).toContain(`--from-literal=${key}=`);
  });
});
