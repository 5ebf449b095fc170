import { type Bar, describeMachine, plotBars, type Summary, summarize } from '@prodigon/lab';
import type { PartOptions } from '../common/part-options.ts';
import { writeReportableResult } from '../common/write-result.ts';
import { measureDrain } from './drained-gateway.ts';
import { measureKilledWorker } from './killed-worker.ts';
import { measureRestartedDatabase } from './restarted-database.ts';

const ROUNDS = 5;

type Figures = Readonly<Record<string, number>>;

interface Fault {
  readonly name: string;
  readonly measure: () => Promise<Figures>;
  /** Labels of the plotted figures, by figure. */
  readonly plotted: Readonly<Record<string, string>>;
}

const FAULTS: readonly Fault[] = [
  { name: 'worker killed', measure: measureKilledWorker, plotted: { resumed_ms: 'Worker killed: next result recorded' } },
  {
    name: 'database restarted',
    measure: measureRestartedDatabase,
    plotted: { outage_ms: 'Database crashed: next job accepted', recovered_ms: 'of which after the database restarted' },
  },
  { name: 'gateway drained', measure: measureDrain, plotted: { unready_ms: 'SIGTERM: /readyz returns 503' } },
];

/** Measures how long the platform takes to recover from faults, with real processes. */
export async function runRecovery(options: PartOptions): Promise<void> {
  const machine = describeMachine();
  const rounds = options.isQuick ? 1 : ROUNDS;
  const faults: Record<string, Record<string, Summary>> = {};
  const bars: Bar[] = [];
  for (const { name, measure, plotted } of FAULTS) {
    const all: Figures[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      options.signal.throwIfAborted();
      const figures = await measure();
      process.stdout.write(`${name}, round ${round} of ${rounds}: ${JSON.stringify(figures)}\n`);
      all.push(figures);
    }
    const summaryOf = (figure: string) => summarize(all.map((figures) => figures[figure] ?? Number.NaN));
    const summaries = Object.fromEntries(Object.keys(all[0] ?? {}).map((figure) => [figure, summaryOf(figure)]));
    console.table(summaries);
    faults[name] = summaries;
    for (const [figure, label] of Object.entries(plotted)) bars.push({ name: label, value: summaryOf(figure) });
  }
  const plot = plotBars({ title: 'Recovery', label: 'ms (less is better)', bars });
  writeReportableResult('recovery', { ...machine, rounds, faults }, options, plot);
}
