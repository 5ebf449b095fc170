import type { IContainer, IPodSpec } from 'kubernetes-models/v1';
import { type KubernetesObject, type Workload, workloadsOf } from './kubernetes-objects.ts';

export interface PlayOptions {
  /** Precedes the name of every object, so that several runs can share a machine. */
  readonly prefix: string;
  /** The port of this machine for each workload that it publishes. */
  readonly hostPorts: Readonly<Record<string, number>>;
  /** Local images that replace those of the manifests. */
  readonly images: Readonly<Record<string, string>>;
}

export interface PlayableWorkload {
  /** Also the name of its service. */
  readonly name: string;
  /** The documents of one call of `podman play kube`. */
  readonly documents: readonly unknown[];
}

/** The kinds that podman 4.3 knows, of those in the manifests. */
const PLAYED_KINDS = ['Deployment', 'ConfigMap'];
/** The kinds whose pods podman can run, although it does not know the kinds. */
const KINDS_OF_PODS = ['StatefulSet', 'Job'];

/** Returns the kinds of objects that `playableWorkloads` leaves out. */
export function unplayedKinds(objects: readonly KubernetesObject[]): string[] {
  const played = [...PLAYED_KINDS, ...KINDS_OF_PODS];
  return [...new Set(objects.map(({ kind }) => kind))].filter((kind) => !played.includes(kind)).sort();
}

/** Returns the workloads as podman can play them, in the order in which a cluster could start them. */
export function playableWorkloads(objects: readonly KubernetesObject[], options: PlayOptions): PlayableWorkload[] {
  const configMaps = objects.filter(({ kind }) => kind === 'ConfigMap');
  return workloadsOf(objects).map((workload) => ({
    name: workload.metadata.name,
    documents: [...configMaps, ...volumeClaimsOf(workload, options), toPlayable(workload, options)],
  }));
}

/** A deployment stays one. Of a stateful set or a job, podman plays the pod. */
function toPlayable(workload: Workload, options: PlayOptions): unknown {
  const { template } = workload.spec;
  const name = `${options.prefix}-${workload.metadata.name}`;
  const spec = toPlayablePod(workload, options);
  if (KINDS_OF_PODS.includes(workload.kind)) {
    const pod = claimsOf(workload).map(({ metadata }) => ({
      name: metadata.name,
      persistentVolumeClaim: { claimName: `${options.prefix}-${metadata.name}` },
    }));
    const volumes = [...(spec.volumes ?? []), ...pod];
    return { apiVersion: 'v1', kind: 'Pod', metadata: { ...template.metadata, name }, spec: { ...spec, volumes } };
  }
  const { apiVersion, kind, metadata } = workload;
  return { apiVersion, kind, metadata: { ...metadata, name }, spec: { ...workload.spec, template: { ...template, spec } } };
}

function toPlayablePod(workload: Workload, { prefix, hostPorts, images }: PlayOptions): IPodSpec {
  const spec = workload.spec.template.spec as IPodSpec;
  const hostPort = hostPorts[workload.metadata.name];
  const containers = spec.containers.map((container) => {
    // podman runs the probes of HTTP with curl, which the images of the services do not contain.
    const { startupProbe: _startup, livenessProbe: _liveness, readinessProbe: _readiness, ...rest } = container;
    const ports = container.ports?.map((port) => ({ ...port, ...(hostPort && { hostPort }) }));
    const image = images[container.image ?? ''] ?? container.image;
    return { ...rest, image, ...(ports && { ports }) } as IContainer;
  });
  const volumes = spec.volumes?.map((volume) =>
    volume.secret ? { ...volume, secret: { ...volume.secret, secretName: `${prefix}-${volume.secret.secretName}` } } : volume,
  );
  return { ...spec, containers, ...(volumes && { volumes }) };
}

interface VolumeClaim {
  readonly metadata: { readonly name: string };
  readonly spec: unknown;
}

const claimsOf = ({ spec }: Workload): readonly VolumeClaim[] =>
  (spec as { volumeClaimTemplates?: readonly VolumeClaim[] }).volumeClaimTemplates ?? [];

const volumeClaimsOf = (workload: Workload, { prefix }: PlayOptions) =>
  claimsOf(workload).map(({ metadata, spec }) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: `${prefix}-${metadata.name}` },
    spec,
  }));
