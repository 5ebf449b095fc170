import { fitTrend, type Summary, summarize, type Trend } from '@prodigon/lab';
import type { HealthSample } from './watch-health.ts';

const MS_PER_HOUR = 3_600_000;

export interface ProcessReport {
  readonly name: string;
  /** Whether the process was never restarted. Only then are slopes valid, because the rest of the run is mostly warm-up. */
  readonly lived_throughout: boolean;
  /** The number of processes with this name, including restarts. */
  readonly lives: number;
  readonly samples_after_warm_up: number;
  /** Live heap after a full collection, without compiled code. */
  readonly heap_mb: Summary;
  readonly heap_mb_per_hour: Trend | null;
  /** Bytecode and machine code. They grow with the uptime until V8 has compiled all code. */
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

/** Summarizes the samples after the warm-up by process name. */
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
  const summaryOf = (value: (sample: HealthSample) => number) => summarize(samples.map(value));
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
    event_loop_delay_p99_ms: summarize(samples.flatMap(({ delayP99Ms }) => delayP99Ms ?? [])),
  };
}
