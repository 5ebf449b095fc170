import { describeMachine, type Measurement, measureArms, type Pin } from '@prodigon/lab';
import type { PeerId } from '../peers/create-peers.ts';
import { type Contestant, openContest } from './open-contest.ts';
import type { PartOptions } from './part-options.ts';
import { type Column, printArms } from './print-arms.ts';
import { keepResult } from './write-result.ts';

const ROUNDS = 5;
const WARM_UP_MS = 10_000;
const QUICK = { rounds: 3, warmUpMs: 2_000 };

export interface ContestPart {
  readonly name: string;
  readonly peers: readonly PeerId[];
  readonly settings?: Readonly<Record<string, string>>;
  readonly mayGeneratorSaturate?: boolean;
  /** What the figures depend on, for the result, e.g. `{connections: 64}`. */
  readonly conditions: Readonly<Record<string, number | string>>;
  /** The figures of `measure`, the most important one first: it is drawn. */
  readonly columns: readonly Column[];
  readonly measure: (contestant: Contestant, context: { pin: Pin; signal: AbortSignal }) => Promise<Measurement>;
}

/** Measures peers side by side, and shows and keeps what came of it. */
export async function runContest(part: ContestPart, options: PartOptions): Promise<void> {
  const { name, peers, settings = {}, mayGeneratorSaturate = false, conditions, columns, measure } = part;
  const machine = describeMachine();
  const contest = await openContest({ peers, settings, only: options.peers });
  try {
    const { pin, arms } = contest;
    const report = await measureArms({
      arms,
      pin,
      mayGeneratorSaturate,
      rounds: options.isQuick ? QUICK.rounds : ROUNDS,
      warmUpMs: options.isQuick ? QUICK.warmUpMs : WARM_UP_MS,
      measure: (contestant, { signal }) => measure(contestant, { pin, signal }),
      onProgress: (line) => process.stdout.write(`${line}\n`),
      signal: options.signal,
      ...(options.toleratesLoad && { readCpu: () => null }),
    });
    printArms(report.arms, columns);
    keepResult(name, { ...machine, ...conditions, settings, ...report }, options);
  } finally {
    await contest.close();
  }
}
