import { describeMachine, summarise } from '@prodigon/lab';
import type { PartOptions } from '../common/part-options.ts';
import { keepResult } from '../common/write-result.ts';
import { measureDrain } from './drained-gateway.ts';
import { measureKilledWorker } from './killed-worker.ts';
import { measureRestartedDatabase } from './restarted-database.ts';

const ROUNDS = 5;

const FAULTS: Record<string, () => Promise<object>> = {
  'worker killed': measureKilledWorker,
  'database restarted': measureRestartedDatabase,
  'gateway drained': measureDrain,
};

/** How long the platform takes to be itself again after what goes wrong in operation, with real processes. */
export async function runRecovery(options: PartOptions): Promise<void> {
  const machine = describeMachine();
  const faults: Record<string, object> = {};
  for (const [fault, measure] of Object.entries(FAULTS)) {
    const rounds: Record<string, number>[] = [];
    for (let round = 1; round <= (options.isQuick ? 1 : ROUNDS); round += 1) {
      options.signal.throwIfAborted();
      const times = (await measure()) as Record<string, number>;
      process.stdout.write(`${fault}, round ${round}: ${JSON.stringify(times)}\n`);
      rounds.push(times);
    }
    const names = Object.keys(rounds[0] ?? {});
    faults[fault] = Object.fromEntries(names.map((name) => [name, summarise(rounds.map((times) => times[name] ?? Number.NaN))]));
    console.table(faults[fault]);
  }
  keepResult('recovery', { ...machine, rounds: ROUNDS, faults }, options);
}
