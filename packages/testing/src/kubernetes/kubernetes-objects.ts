import type { IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import type { IIngress, INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1';
import type { IConfigMap, IContainer, IPodTemplateSpec, IService } from 'kubernetes-models/v1';

interface Kinds {
  ConfigMap: IConfigMap;
  Service: IService;
  PodDisruptionBudget: IPodDisruptionBudget;
  HorizontalPodAutoscaler: IHorizontalPodAutoscaler;
  NetworkPolicy: INetworkPolicy;
  Ingress: IIngress;
}

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** A deployment, stateful set or job, with the pods that it creates. */
export interface Workload extends KubernetesObject {
  readonly kind: 'Deployment' | 'StatefulSet' | 'Job';
  readonly spec: {
    readonly replicas?: number;
    readonly selector?: { readonly matchLabels: Labels };
    readonly template: IPodTemplateSpec;
  };
}

export type Labels = Readonly<Record<string, string>>;

/** Returns the objects of one kind. */
export const ofKind = <Kind extends keyof Kinds>(objects: readonly KubernetesObject[], kind: Kind) =>
  objects.filter((object) => object.kind === kind) as unknown as (Kinds[Kind] & KubernetesObject)[];

/** Returns the objects that create pods. */
export const workloadsOf = (objects: readonly KubernetesObject[]) =>
  objects.filter((object): object is Workload => ['Deployment', 'StatefulSet', 'Job'].includes(object.kind));

/** Returns the containers of a workload. */
export const containersOf = ({ spec }: Workload): readonly IContainer[] => spec.template.spec?.containers ?? [];

/** Returns the workload with a name. Throws an error if there is none. */
export function workloadNamed(objects: readonly KubernetesObject[], name: string): Workload {
  const found = workloadsOf(objects).find(({ metadata }) => metadata.name === name);
  if (!found) throw new Error(`No workload is named ${name}`);
  return found;
}

/** Returns whether a selector matches the labels of a workload's pods. An empty selector matches all pods. */
export function selects(
  selector:
    | { matchLabels?: Labels; matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[] }
    | undefined,
  { spec }: Workload,
): boolean {
  const labels: Labels = spec.template.metadata?.labels ?? {};
  const hasLabels = Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  const meets = ({ key, operator, values = [] }: { key: string; operator: string; values?: readonly string[] }) => {
    if (operator !== 'In') throw new Error(`The tests do not know the operator ${operator}`);
    return values.includes(labels[key] ?? '');
  };
  return hasLabels && (selector?.matchExpressions ?? []).every(meets);
}
