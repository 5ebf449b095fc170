import { describeMachine, type Measurement, measureVariants, type Pin } from '@prodigon/lab';
import type { PeerId } from '../peers/create-peers.ts';
import { measureOptions } from './measure-options.ts';
import { type Candidate, openBenchmark } from './open-benchmark.ts';
import type { PartOptions } from './part-options.ts';
import { plotVariants } from './plot-variants.ts';
import { type Column, printVariants } from './print-variants.ts';
import { keepResult } from './write-result.ts';

export interface BenchmarkDefinition {
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
  readonly measure: (candidate: Candidate, context: { pin: Pin; signal: AbortSignal }) => Promise<Measurement>;
}

/** Measures peers side by side, and shows and keeps what came of it. */
export async function runBenchmark(part: BenchmarkDefinition, options: PartOptions): Promise<void> {
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
  const benchmark = await openBenchmark({ peers, settings, isOneCpu, only: options.peers });
  try {
    const { pin, variants } = benchmark;
    const report = await measureVariants({
      variants,
      pin,
      mayGeneratorSaturate,
      measure: (candidate, { signal }) => measure(candidate, { pin, signal }),
      ...measureOptions(options),
    });
    printVariants(report.variants, columns);
    const plot = plotVariants(title, report.variants, columns);
    keepResult(name, { ...machine, ...conditions, settings, ...report }, options, plot);
  } finally {
    await benchmark.close();
  }
}
