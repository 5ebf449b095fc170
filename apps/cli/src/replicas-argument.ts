import { REPLICAS_MAX, REPLICATED, type Replicas } from '@prodigon/stack';
import { UsageError } from './command.ts';

/** Reads `model=2,worker=3`. Throws a `UsageError` of one sentence. */
export function parseReplicas(text: string | undefined, { topology, only }: { topology: string; only?: unknown }): Replicas {
  if (text === undefined) return {};
  if (topology === 'monolith') throw new UsageError('--replicas is for the topology "services": the monolith is one process.');
  if (only !== undefined) throw new UsageError('--replicas is for the whole platform: with --only, one process runs.');
  return Object.fromEntries(text.split(',').map(parseOne));
}

function parseOne(text: string): [string, number] {
  const [name = '', number = ''] = text.trim().split('=');
  if (name === 'gateway') throw new UsageError('--replicas is for model and worker: there is one gateway, the door to both.');
  if (!REPLICATED.some((service) => service === name)) throw new UsageError(`--replicas is for model and worker, not "${name}".`);
  const count = Number(number);
  const isFine = /^\d+$/.test(number) && count >= 1 && count <= REPLICAS_MAX;
  if (!isFine)
    throw new UsageError(`--replicas takes a number from 1 to ${REPLICAS_MAX}, as in ${name}=2, not "${text.trim()}".`);
  return [name, count];
}
