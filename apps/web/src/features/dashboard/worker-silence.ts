import type { JobActivity } from '@prodigon/contracts';
import { useOverview } from './overview-store.ts';

/** Without a heartbeat for longer than this, a worker is highlighted. */
export const HEARTBEAT_OVERDUE_MS = 10_000;

/** The workers without a recent heartbeat, with the time since their last one in milliseconds. */
export function silentWorkers(workers: JobActivity['workers'], ageMs: number): ReadonlyMap<string, number> {
  const silences = workers.map(({ name, last_seen_ms }) => [name, last_seen_ms + Math.max(0, ageMs)] as const);
  return new Map(silences.filter(([, silentForMs]) => silentForMs > HEARTBEAT_OVERDUE_MS));
}

/** The silent workers by the latest overview of the shell. `now` in milliseconds since the epoch. */
export function useSilentWorkers(now: number): ReadonlyMap<string, number> {
  const workers = useOverview(({ overview }) => overview?.jobs?.workers);
  const receivedAt = useOverview((state) => state.receivedAt);
  const isCurrent = useOverview(({ failure }) => failure === null);
  return silentWorkers(workers ?? [], isCurrent && receivedAt !== null ? now - receivedAt : 0);
}
