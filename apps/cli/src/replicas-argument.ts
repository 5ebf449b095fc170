import { REPLICAS_MAX, REPLICATED, type ReplicaPorts, type Replicas } from '@prodigon/stack';
import { UsageError } from './usage-error.ts';

export interface ReplicasArgument {
  readonly replicas: Replicas;
  readonly replicaPorts: ReplicaPorts;
}

/**
 * Parses `model=2,worker=3:8201`: the numbers of processes, and the port of the second one, or of the first gateway's own
 * address. Throws a `UsageError` when it is invalid.
 */
export function parseReplicas(
  text: string | undefined,
  { topology, only }: { topology: string; only?: unknown },
): ReplicasArgument {
  if (text === undefined) return { replicas: {}, replicaPorts: {} };
  if (topology === 'monolith') throw new UsageError('--replicas requires --topology services; the monolith is one process.');
  if (only !== undefined) throw new UsageError('--replicas cannot be combined with --only, which runs one process.');
  const parsed = text.split(',').map(parseOne);
  return {
    replicas: Object.fromEntries(parsed.map(({ name, count }) => [name, count])),
    replicaPorts: Object.fromEntries(parsed.flatMap(({ name, port }) => (port === undefined ? [] : [[name, port]]))),
  };
}

function parseOne(text: string): { name: string; count: number; port: number | undefined } {
  const [name = '', value = ''] = text.trim().split('=');
  if (!REPLICATED.some((service) => service === name))
    throw new UsageError(`--replicas accepts gateway, model and worker, not "${name}".`);
  const [number = '', port] = value.split(':');
  const count = Number(number);
  const isValid = /^\d+$/.test(number) && count >= 1 && count <= REPLICAS_MAX;
  if (!isValid)
    throw new UsageError(`--replicas takes a number from 1 to ${REPLICAS_MAX}, as in ${name}=2, not "${text.trim()}".`);
  if (port === undefined) return { name, count, port };
  const portMax = 65_536 - count;
  if (!/^\d+$/.test(port) || Number(port) < 1 || Number(port) > portMax)
    throw new UsageError(`--replicas takes a port, as in ${name}=${count}:8101, not "${text.trim()}".`);
  return { name, count, port: Number(port) };
}
