import { expect, it } from 'vitest';
import { silentWorkers } from './worker-silence.ts';

it('adds the age of the overview to the time since the last heartbeat', () => {
  const workers = [
    { name: 'alive', running: 1, last_seen_ms: 3_000 },
    { name: 'dead', running: 1, last_seen_ms: 9_000 },
  ];
  expect([...silentWorkers(workers, 2_000)]).toEqual([['dead', 11_000]]);
  expect([...silentWorkers(workers, -5_000)]).toEqual([]);
});
