import { describeMachine, type Measurement, measureVariants, type Pin } from '@prodigon/lab';
import type { PeerId } from '../peers/create-peers.ts';
import { measureOptions } from './measure-options.ts';
import { type Candidate, openBenchmark } from './open-benchmark.ts';
import type { PartOptions } from './part-options.ts';
import { plotVariants } from './plot-variants.ts';
import { type Column, printVariants } from './print-variants.ts';
import { writeReportableResult } from './write-result.ts';

export interface BenchmarkDefinition {
  readonly name: string;
  /** The title of the plot. Without it, there is no plot. */
  readonly title?: string;
  readonly peers: readonly PeerId[];
  /** Environment variables of Prodigon that differ from their defaults. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Whether the generator and the provider run on the same CPU as the processes under test. */
  readonly isOneCpu?: boolean;
  /** Set for figures that do not depend on the capacity of the generator. */
  readonly mayGeneratorSaturate?: boolean;
  /** Parameters of the workload for the result, e.g. `{connections: 64}`. */
  readonly conditions: Readonly<Record<string, number | string>>;
  /** The printed figures of `measure`. The plot shows the first one. */
  readonly columns: readonly Column[];
  readonly measure: (candidate: Candidate, context: { pin: Pin; signal: AbortSignal }) => Promise<Measurement>;
}

/** Measures peers in interleaved rounds, prints the figures and writes the result. */
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
    const plot = title && plotVariants(title, report.variants, columns);
    writeReportableResult(name, { ...machine, ...conditions, settings, ...report }, options, plot);
  } finally {
    await benchmark.close();
  }
}
