import { fitTrend, type Summary, summarise, type Trend } from '@prodigon/lab';
import type { HealthSample } from './watch-health.ts';

const MS_PER_HOUR = 3_600_000;

export interface ProcessReport {
  readonly name: string;
  /** Whether one process was it from begin to end. Only then does it have slopes: each life of the others is mostly warm-up. */
  readonly lived_throughout: boolean;
  readonly lives: number;
  readonly samples_after_warm_up: number;
  /** Live heap after a full collection, without compiled code. */
  readonly heap_mb: Summary;
  readonly heap_mb_per_hour: Trend | null;
  /** What V8 has compiled: bytecode and machine code, of which there is more the longer a process runs, up to all of it. */
  readonly code_mb: Summary;
  readonly code_mb_per_hour: Trend | null;
  readonly external_mb: Summary;
  readonly external_mb_per_hour: Trend | null;
  readonly resident_mb: Summary;
  readonly resident_mb_per_hour: Trend | null;
  readonly resources: Summary;
  readonly resources_per_hour: Trend | null;
  readonly event_loop_delay_p99_ms: Summary;
}

/** Each process by its name, from the samples that were taken after the warm-up. */
export function describeProcesses(samples: readonly HealthSample[], warmUpMs: number): ProcessReport[] {
  const names = [...new Set(samples.map(({ name }) => name))].sort();
  return names.map((name) =>
    describeProcess(
      name,
      samples.filter((each) => each.name === name),
      warmUpMs,
    ),
  );
}

function describeProcess(name: string, all: readonly HealthSample[], warmUpMs: number): ProcessReport {
  const samples = all.filter(({ atMs }) => atMs >= warmUpMs);
  const lives = new Set(all.map(({ pid }) => pid)).size;
  const trendOf = (value: (sample: HealthSample) => number) =>
    lives === 1 ? fitTrend(samples.map((sample) => [sample.atMs / MS_PER_HOUR, value(sample)])) : null;
  const summaryOf = (value: (sample: HealthSample) => number) => summarise(samples.map(value));
  return {
    name,
    lived_throughout: lives === 1,
    lives,
    samples_after_warm_up: samples.length,
    heap_mb: summaryOf(({ heapMb }) => heapMb),
    heap_mb_per_hour: trendOf(({ heapMb }) => heapMb),
    code_mb: summaryOf(({ codeMb }) => codeMb),
    code_mb_per_hour: trendOf(({ codeMb }) => codeMb),
    external_mb: summaryOf(({ externalMb }) => externalMb),
    external_mb_per_hour: trendOf(({ externalMb }) => externalMb),
    resident_mb: summaryOf(({ residentMb }) => residentMb),
    resident_mb_per_hour: trendOf(({ residentMb }) => residentMb),
    resources: summaryOf(({ resources }) => resources),
    resources_per_hour: trendOf(({ resources }) => resources),
    event_loop_delay_p99_ms: summarise(samples.flatMap(({ delayP99Ms }) => delayP99Ms ?? [])),
  };
}
