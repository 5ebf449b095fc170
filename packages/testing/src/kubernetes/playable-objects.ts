import type { IContainer, IPodSpec, IVolume } from 'kubernetes-models/v1';
import { type KubernetesObject, type Workload, workloadsOf } from './kubernetes-objects.ts';

export interface PlayOptions {
  /** Precedes the name of every object, so that several runs can share a machine. */
  readonly prefix: string;
  /** The port of this machine for each workload that it publishes. */
  readonly hostPorts: Readonly<Record<string, number>>;
  /** The values of the secret that the pods mount. */
  readonly secret: Readonly<Record<string, string>>;
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
/** Kinds that podman does not know, but whose pods it can run. */
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
    documents: [
      ...configMaps,
      ...secretsOf(workload, options),
      ...volumeClaimsOf(workload, options),
      toPlayable(workload, options),
    ],
  }));
}

/** Returns a deployment unchanged in kind. For a stateful set or a job, returns its pod. */
function toPlayable(workload: Workload, options: PlayOptions): unknown {
  const { template } = workload.spec;
  const name = `${options.prefix}-${workload.metadata.name}`;
  const spec = toPlayablePod(workload, options);
  if (KINDS_OF_PODS.includes(workload.kind))
    return { apiVersion: 'v1', kind: 'Pod', metadata: { ...template.metadata, name }, spec };
  const { apiVersion, kind, metadata } = workload;
  return { apiVersion, kind, metadata: { ...metadata, name }, spec: { ...workload.spec, template: { ...template, spec } } };
}

function toPlayablePod(workload: Workload, { prefix, hostPorts, images }: PlayOptions): IPodSpec {
  const spec = workload.spec.template.spec as IPodSpec;
  const { name: workloadName } = workload.metadata;
  const hostPort = hostPorts[workloadName];
  const volumeName = (name: string) => volumeNameOf(workload, name, prefix);
  const containers = spec.containers.map((container) => {
    // podman runs HTTP probes with curl, which the images of the services do not contain.
    const { startupProbe: _startup, livenessProbe: _liveness, readinessProbe: _readiness, ports, ...rest } = container;
    const volumeMounts = rest.volumeMounts?.map((mount) => ({
      ...mount,
      name: volumeName(mount.name),
      // A new volume has the owner of the folder in the image, which podman 4.3 does not find through the link /var/run.
      mountPath: mount.mountPath.replace(/^\/var\/run\//, '/run/'),
    }));
    const image = images[container.image ?? ''] ?? container.image;
    // podman 4.3 would publish each port of a container on this machine. The first one is public.
    const published = hostPort && { ports: ports?.slice(0, 1).map((port) => ({ ...port, hostPort })) };
    return { ...rest, image, ...(volumeMounts && { volumeMounts }), ...published } as IContainer;
  });
  const claims = claimsOf(workload).map(({ metadata: { name } }) => ({
    name,
    persistentVolumeClaim: { claimName: `${prefix}-${name}` },
  }));
  const volumes = [...(spec.volumes ?? []), ...claims].map(({ secret, ...volume }: IVolume) => {
    const name = volumeName(volume.name);
    if (!secret) return { ...volume, name };
    return { name, configMap: { name, optional: false, ...(secret.items && { items: secret.items }) } };
  });
  return { ...spec, containers, volumes };
}

/** podman 4.3 shares volumes of the same name between pods. */
const volumeNameOf = ({ metadata }: Workload, name: string, prefix: string) => `${prefix}-${metadata.name}-${name}`;

/** Returns a config map for each secret of a pod, with the keys that it mounts: podman 4.3 does not decode secrets in volumes. */
const secretsOf = (workload: Workload, { prefix, secret: values }: PlayOptions) =>
  (workload.spec.template.spec?.volumes ?? []).flatMap(({ name, secret }) => {
    if (!secret) return [];
    const data = Object.fromEntries((secret.items ?? []).map(({ key }) => [key, values[key]]));
    return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: volumeNameOf(workload, name, prefix) }, data }];
  });

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
