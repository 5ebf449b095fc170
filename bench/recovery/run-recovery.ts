import { type Bar, describeMachine, plotBars, type Summary, summarise } from '@prodigon/lab';
import type { PartOptions } from '../common/part-options.ts';
import { keepResult } from '../common/write-result.ts';
import { measureDrain } from './drained-gateway.ts';
import { measureKilledWorker } from './killed-worker.ts';
import { measureRestartedDatabase } from './restarted-database.ts';

const ROUNDS = 5;

type Figures = Readonly<Record<string, number>>;

interface Fault {
  readonly name: string;
  readonly measure: () => Promise<Figures>;
  /** What is drawn, and what it is called there. */
  readonly drawn: Readonly<Record<string, string>>;
}

const FAULTS: readonly Fault[] = [
  { name: 'worker killed', measure: measureKilledWorker, drawn: { resumed_ms: 'Worker killed: next answer recorded' } },
  {
    name: 'database restarted',
    measure: measureRestartedDatabase,
    drawn: { outage_ms: 'Database crashed: next job accepted', recovered_ms: 'of it after the database was back' },
  },
  { name: 'gateway drained', measure: measureDrain, drawn: { unready_ms: 'SIGTERM: /readyz says 503' } },
];

/** How long the platform takes to be itself again after what goes wrong in operation, with real processes. */
export async function runRecovery(options: PartOptions): Promise<void> {
  const machine = describeMachine();
  const rounds = options.isQuick ? 1 : ROUNDS;
  const faults: Record<string, Record<string, Summary>> = {};
  const bars: Bar[] = [];
  for (const { name, measure, drawn } of FAULTS) {
    const all: Figures[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      options.signal.throwIfAborted();
      const figures = await measure();
      process.stdout.write(`${name}, round ${round} of ${rounds}: ${JSON.stringify(figures)}\n`);
      all.push(figures);
    }
    const summaryOf = (figure: string) => summarise(all.map((figures) => figures[figure] ?? Number.NaN));
    const summaries = Object.fromEntries(Object.keys(all[0] ?? {}).map((figure) => [figure, summaryOf(figure)]));
    console.table(summaries);
    faults[name] = summaries;
    for (const [figure, label] of Object.entries(drawn)) bars.push({ name: label, value: summaryOf(figure) });
  }
  const plot = plotBars({ title: 'Recovery', label: 'ms (less is better)', bars });
  keepResult('recovery', { ...machine, rounds, faults }, options, plot);
}
