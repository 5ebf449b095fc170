import type { GuardResult } from '@prodigon/contracts/workshop';
import { FOREIGN_PROCESS } from '../load/generator/check-response.ts';
import type { Experiment } from './experiment.ts';
import { findDisturbance, LIMITS, type MeasuredBlock, offeredShare } from './measured-block.ts';

export const WARM_UP_REQUESTS_MIN = 1_000;
export const ERROR_SHARE_MAX = 0.001;

/** The record of a run from which the guards are checked. */
export interface RunRecord {
  /** The valid measurements, and the last disturbed one if the run reached its limit of repetitions. */
  readonly measured: readonly MeasuredBlock[];
  /** Responses in the warm-up, by arm. */
  readonly warmUpRequests: Readonly<Record<string, number>>;
  readonly repeated: number;
  readonly blocksPlanned: number;
}

/** Checks the conditions of a valid measurement. The verdict names the first one that is not met. */
export function checkGuards(experiment: Experiment, arms: readonly string[], record: RunRecord): GuardResult[] {
  const { measured, warmUpRequests, repeated, blocksPlanned } = record;
  const loads = measured.map(({ load }) => load);
  const received = loads.reduce((sum, { responses, wrong }) => sum + responses + wrong.count, 0);
  const wrong = loads.reduce((sum, load) => sum + load.wrong.count, 0);
  const foreign = loads.reduce((sum, load) => sum + (load.wrong.reasons[FOREIGN_PROCESS] ?? 0), 0);
  const errorShareMax = experiment.errorShareMax ?? ERROR_SHARE_MAX;
  const warmUpMin = experiment.warmUpRequestsMin ?? WARM_UP_REQUESTS_MIN;
  const warmUp = Math.min(...arms.map((arm) => warmUpRequests[arm] ?? 0));
  const shares = measured.flatMap(({ foreignCpuShare }) => foreignCpuShare ?? []);
  const foreignShare = max(shares);
  const offered = Math.min(1, ...measured.map(offeredShare));
  const delayMs = max(loads.map(({ generator }) => generator.delayP99Ms));
  const utilization = max(loads.map(({ generator }) => Math.max(generator.eventLoopUtilization, generator.cpuShare)));
  const complete = new Set(measured.filter((each) => findDisturbance(each) === null).map(({ arm, block }) => `${arm}/${block}`));

  return [
    {
      ...{ id: 'own-processes', label: 'Every response comes from a process of this run with the configuration of its arm' },
      ...{ is_met: foreign === 0, measured: `${count(foreign)} of ${count(received)} from others`, required: 'none' },
    },
    {
      ...{ id: 'correct-responses', label: 'The responses are complete and correct' },
      is_met: received > 0 && (wrong - foreign) / received <= errorShareMax,
      measured: `${count(wrong - foreign)} of ${count(received)} wrong`,
      required: `at most ${percent(errorShareMax)}`,
    },
    {
      ...{ id: 'foreign-load', label: 'Other programs left the CPUs to the experiment' },
      is_met: foreignShare <= LIMITS.foreignCpuShareMax,
      measured: shares.length === 0 ? 'unknown on this operating system' : `${percent(foreignShare)} of one CPU`,
      required: `at most ${percent(LIMITS.foreignCpuShareMax)} of one CPU in each block`,
    },
    {
      ...{ id: 'warm-up', label: 'Each arm was warm before the first block' },
      ...{ is_met: warmUp >= warmUpMin, measured: `${count(warmUp)} requests`, required: `at least ${count(warmUpMin)}` },
    },
    {
      ...{ id: 'offered-load', label: 'The load reached its planned rate in each block' },
      is_met: offered >= LIMITS.offeredShareMin,
      measured: percent(offered),
      required: `at least ${percent(LIMITS.offeredShareMin)}`,
    },
    {
      ...{ id: 'generator-delay', label: 'The load generator sent its requests on time' },
      is_met: delayMs <= LIMITS.generatorDelayMsMax,
      measured: `99th percentile of its event loop delay: ${milliseconds(delayMs)}`,
      required: `at most ${milliseconds(LIMITS.generatorDelayMsMax)} in each block`,
    },
    {
      ...{ id: 'generator-utilization', label: 'The load generator had time to spare' },
      is_met: utilization <= LIMITS.generatorUtilizationMax,
      measured: `busy for ${percent(utilization)} of the time`,
      required: `at most ${percent(LIMITS.generatorUtilizationMax)}`,
    },
    ...checkLatencies(experiment, arms, measured),
    {
      ...{ id: 'complete', label: 'Every block was measured without a disturbance' },
      is_met: complete.size === arms.length * blocksPlanned,
      measured: `${complete.size} measurements, after ${repeated} repetitions`,
      required: `${arms.length * blocksPlanned} measurements`,
    },
  ];
}

/** Checks that each arm has enough latencies for the percentiles of the metrics. */
function checkLatencies({ metrics }: Experiment, arms: readonly string[], measured: readonly MeasuredBlock[]): GuardResult[] {
  const required = max(metrics.map(({ latenciesMin = 0 }) => latenciesMin));
  if (required === 0) return [];
  const countOf = (arm: string) =>
    measured.reduce((sum, each) => sum + (each.arm === arm ? (each.load.latency?.count ?? 0) : 0), 0);
  const fewest = Math.min(...arms.map(countOf));
  return [
    {
      ...{ id: 'latency-samples', label: 'Each arm has enough latencies for a percentile' },
      ...{ is_met: fewest >= required, measured: count(fewest), required: `at least ${count(required)}` },
    },
  ];
}

const max = (values: readonly number[]) => Math.max(0, ...values);
const count = (value: number) => value.toLocaleString('en');
const percent = (share: number) => `${Number((share * 100).toPrecision(3))} %`;
const milliseconds = (ms: number) => `${Number(ms.toPrecision(2))} ms`;
