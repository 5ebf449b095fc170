import { setTimeout as wait } from 'node:timers/promises';
import { type RequestKind, type RequestOutcome, type RequestResult, startClientLoad } from './client-load.ts';
import { type FailureCase, titleOf } from './failure-cases.ts';
import { createHealthWatch } from './platform-health.ts';
import type { PlatformHosts } from './platform-hosts.ts';
import { type JobOutcome, startJob } from './running-job.ts';

/** Numbers of requests that ended after the failure had begun, by what their clients saw. */
export type ResultCounts = Readonly<Partial<Record<RequestResult, number>>>;

export interface FailureResult {
  readonly title: string;
  readonly streams: ResultCounts;
  readonly requests: ResultCounts;
  /** Reads of the list of jobs. */
  readonly reads: ResultCounts;
  /** Requests that went to the other gateway because the first one had not begun them. */
  readonly switched: number;
  /** The longest wait for the first text of a complete stream, in seconds. */
  readonly first_text_s_max: number;
  readonly job: JobOutcome;
  /** Prompts that the provider received more than once, of streams, short requests and the job. */
  readonly repeated_calls: { readonly streams: number; readonly requests: number; readonly items: number };
  /** The most calls for one prompt. */
  readonly calls_max: number;
  /** Seconds from the end of the failure, or from the start of the host, until every service was up and every new request succeeded. */
  readonly green_s: number;
  /** Descriptions of incomplete and slow requests, for the log of a run. */
  readonly failures: readonly string[];
}

export interface FailureTimes {
  readonly beforeMs: number;
  readonly failureMs: number;
  /** How long to observe the platform after it is healthy. */
  readonly afterMs: number;
  /** The longest recovery. */
  readonly recoveryMs: number;
}

export const FAILURE_TIMES: FailureTimes = { beforeMs: 4_000, failureMs: 20_000, afterMs: 8_000, recoveryMs: 60_000 };
const JOB_TIMEOUT_MS = 120_000;
/** A longer wait for the first text shows that a part of the platform has not recovered. */
const SLOW_MS = 3_000;

/** Runs one failure under 20 streams, short requests and a job, and returns what the clients saw. */
export async function runFailureCase(
  platform: PlatformHosts,
  failure: FailureCase,
  times = FAILURE_TIMES,
): Promise<FailureResult> {
  const { gatewayUrls, provider } = platform;
  const title = titleOf(failure);
  const name = `${title} ${Date.now()}`;
  provider.reset();
  const job = await startJob(gatewayUrls, name);
  const load = startClientLoad(gatewayUrls, name);
  let observed: Awaited<ReturnType<typeof observe>>;
  try {
    observed = await observe();
  } finally {
    await load.stop();
  }
  const { failedAt, endedAt, healthyAt, jobOutcome } = observed;

  async function observe() {
    await wait(times.beforeMs);
    const failedAt = performance.now();
    const end = inject(platform, failure);
    await wait(times.failureMs);
    const endedAt = performance.now();
    await end();
    const healthyAt = await createHealthWatch(gatewayUrls).waitUntilHealthy(times.recoveryMs);
    await wait(times.afterMs);
    return { failedAt, endedAt, healthyAt, jobOutcome: await job.finish(JOB_TIMEOUT_MS) };
  }

  const affected = load.outcomes.filter((outcome) => outcome.endedAt >= failedAt);
  const lastFailureAt = Math.max(...affected.filter(isFailing).map(({ startedAt }) => startedAt), 0);
  const calls = countCalls(provider.calls.map(({ prompt }) => prompt));
  const repeats = (prompts: readonly string[]) => prompts.filter((prompt) => (calls.get(prompt) ?? 0) > 1).length;
  const promptsOf = (kind: RequestKind) => load.outcomes.filter((one) => one.kind === kind).map(({ prompt }) => prompt);
  const complete = affected.filter(({ result, kind }) => result === 'complete' && kind === 'stream');
  return {
    title,
    streams: countResults(affected.filter(({ kind }) => kind === 'stream')),
    requests: countResults(affected.filter(({ kind }) => kind === 'request')),
    reads: countResults(affected.filter(({ kind }) => kind === 'read')),
    switched: affected.filter(({ hasSwitched }) => hasSwitched).length,
    first_text_s_max: toSeconds(Math.max(...complete.map(({ firstTextMs }) => firstTextMs ?? 0), 0)),
    job: jobOutcome,
    repeated_calls: {
      streams: repeats(promptsOf('stream')),
      requests: repeats(promptsOf('request')),
      items: repeats(job.prompts),
    },
    calls_max: Math.max(...calls.values()),
    green_s: toSeconds(Math.max(healthyAt, lastFailureAt) - endedAt),
    failures: affected.filter(isFailing).map((outcome) => describe(outcome, failedAt)),
  };
}

/** Starts the failure. Returns a function that ends it. */
function inject({ network, hosts, start }: PlatformHosts, failure: FailureCase): () => Promise<void> {
  if (failure.kind === 'host') {
    const host = hosts[failure.host];
    network.crash(host);
    return async () => {
      network.reconnect(host);
      await start(failure.host);
    };
  }
  const [one, other] = failure.between.map((name) => hosts[name]) as [(typeof hosts)['client'], (typeof hosts)['client']];
  network.cut(one, other);
  return async () => network.restore(one, other);
}

const isFailing = ({ result, firstTextMs }: RequestOutcome): boolean => result !== 'complete' || (firstTextMs ?? 0) > SLOW_MS;

function countResults(outcomes: readonly RequestOutcome[]): ResultCounts {
  const counts: Partial<Record<RequestResult, number>> = {};
  for (const { result } of outcomes) counts[result] = (counts[result] ?? 0) + 1;
  return counts;
}

function countCalls(prompts: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const prompt of prompts) counts.set(prompt, (counts.get(prompt) ?? 0) + 1);
  return counts;
}

function describe({ kind, result, startedAt, endedAt, firstTextMs, detail }: RequestOutcome, failedAt: number): string {
  const first = firstTextMs === null ? 'no text' : `text after ${toSeconds(firstTextMs)} s`;
  return `${kind} ${result} from ${toSeconds(startedAt - failedAt)} to ${toSeconds(endedAt - failedAt)} s, ${first}, ${detail ?? ''}`;
}

const toSeconds = (ms: number): number => Math.round(ms / 100) / 10;
