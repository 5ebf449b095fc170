import { describeMachine, type Measurement, measureArms, type Pin } from '@prodigon/lab';
import type { PeerId } from '../peers/create-peers.ts';
import { measureOptions } from './measure-options.ts';
import { type Contestant, openContest } from './open-benchmark.ts';
import type { PartOptions } from './part-options.ts';
import { plotArms } from './plot-variants.ts';
import { type Column, printArms } from './print-variants.ts';
import { keepResult } from './write-result.ts';

export interface ContestPart {
  readonly name: string;
  /** Above the plot. */
  readonly title: string;
  readonly peers: readonly PeerId[];
  /** Variables of ours that differ from what a first start has. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Whether generator and provider take their share of the CPU that is measured. */
  readonly isOneCpu?: boolean;
  /** For figures that do not depend on how much the generator can send. */
  readonly mayGeneratorSaturate?: boolean;
  /** What the figures depend on, for the result, e.g. `{connections: 64}`. */
  readonly conditions: Readonly<Record<string, number | string>>;
  /** The figures of `measure`, the most important one, which is drawn, first. */
  readonly columns: readonly Column[];
  readonly measure: (contestant: Contestant, context: { pin: Pin; signal: AbortSignal }) => Promise<Measurement>;
}

/** Measures peers side by side, and shows and keeps what came of it. */
export async function runContest(part: ContestPart, options: PartOptions): Promise<void> {
  const {
    name,
    title,
    peers,
    settings = {},
    isOneCpu = false,
    mayGeneratorSaturate = false,
    conditions,
    columns,
    measure,
  } = part;
  const machine = describeMachine();
  const contest = await openContest({ peers, settings, isOneCpu, only: options.peers });
  try {
    const { pin, arms } = contest;
    const report = await measureArms({
      arms,
      pin,
      mayGeneratorSaturate,
      measure: (contestant, { signal }) => measure(contestant, { pin, signal }),
      ...measureOptions(options),
    });
    printArms(report.arms, columns);
    const plot = plotArms(title, report.arms, columns);
    keepResult(name, { ...machine, ...conditions, settings, ...report }, options, plot);
  } finally {
    await contest.close();
  }
}
