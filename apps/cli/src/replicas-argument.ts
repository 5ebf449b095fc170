import { REPLICAS_MAX, REPLICATED, type Replicas } from '@prodigon/stack';
import { UsageError } from './usage-error.ts';

/** Parses `model=2,worker=3`. Throws a `UsageError` when it is invalid. */
export function parseReplicas(text: string | undefined, { topology, only }: { topology: string; only?: unknown }): Replicas {
  if (text === undefined) return {};
  if (topology === 'monolith') throw new UsageError('--replicas requires --topology services; the monolith is one process.');
  if (only !== undefined) throw new UsageError('--replicas cannot be combined with --only, which runs one process.');
  return Object.fromEntries(text.split(',').map(parseOne));
}

function parseOne(text: string): [string, number] {
  const [name = '', number = ''] = text.trim().split('=');
  if (name === 'gateway') throw new UsageError('--replicas accepts model and worker; there is always one gateway.');
  if (!REPLICATED.some((service) => service === name))
    throw new UsageError(`--replicas accepts model and worker, not "${name}".`);
  const count = Number(number);
  const isValid = /^\d+$/.test(number) && count >= 1 && count <= REPLICAS_MAX;
  if (!isValid)
    throw new UsageError(`--replicas takes a number from 1 to ${REPLICAS_MAX}, as in ${name}=2, not "${text.trim()}".`);
  return [name, count];
}
