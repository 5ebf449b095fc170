import { setTimeout as wait } from 'node:timers/promises';
import { createApiClient } from '@prodigon/api-client';
import { createSeededRandom, type SeededRandom } from '@prodigon/testing';
import type { AcknowledgedJobs } from './acknowledged-jobs.ts';
import type { Activity } from './activities/activity.ts';
import { sendBadRequest } from './activities/bad-requests.ts';
import { disconnectEarly, disconnectMidStream } from './activities/client-disconnect.ts';
import { callFailingModel } from './activities/failing-models.ts';
import { runJob } from './activities/jobs.ts';
import { requestCompletion, requestGeneration } from './activities/non-streaming-responses.ts';
import { readEndpoint } from './activities/read-endpoints.ts';
import { streamCompletion, streamEvents, streamTokens } from './activities/streamed-responses.ts';
import type { Tally } from './tally.ts';
import { wrong } from './verdict.ts';

interface Kind {
  readonly callers: number;
  /** The pause of a client between two activities. */
  readonly pauseMs: { readonly min: number; readonly max: number };
  /** Each client picks randomly from these. Duplicates double the probability. */
  readonly activities: readonly (readonly [name: string, activity: Activity])[];
}

// The seed of a client includes the name of its kind, and the names of activities are keys of the committed result.
const KINDS: Readonly<Record<string, Kind>> = {
  asking: {
    callers: 24,
    pauseMs: { min: 100, max: 700 },
    activities: [
      ['whole answers, /v1', requestCompletion],
      ['whole answers, /v1', requestCompletion],
      ['whole answers, /api/v1', requestGeneration],
      ['streams, /v1', streamCompletion],
      ['streams, /v1', streamCompletion],
      ['streams, /api/v1', streamTokens],
      ['streams of typed events, /api/v1', streamEvents],
      ['callers who leave in mid-stream', disconnectMidStream],
      ['callers who leave before an answer', disconnectEarly],
      ['models that fail', callFailingModel],
      ['bad requests', sendBadRequest],
      ['usage, models, overview, lists', readEndpoint],
    ],
  },
  submitting: { callers: 6, pauseMs: { min: 2_000, max: 5_000 }, activities: [['jobs', runJob]] },
};

export const CALLERS = Object.values(KINDS).reduce((sum, { callers }) => sum + callers, 0);

export interface CallersOptions {
  /** The URL of the gateway. */
  readonly url: string;
  readonly seed: string;
  readonly acknowledgedJobs: AcknowledgedJobs;
  readonly tally: Tally;
  readonly wasCalm: (fromMs: number, untilMs: number) => boolean;
  /** Aborts at the end of the load. */
  readonly over: AbortSignal;
}

/** Runs clients that perform activities sequentially until the load ends. Resolves when all of them have finished. */
export async function runCallers(options: CallersOptions): Promise<void> {
  const callers = Object.entries(KINDS).flatMap(([name, kind]) =>
    Array.from({ length: kind.callers }, (_, index) => runCaller(`${name} ${index}`, kind, options)),
  );
  await Promise.all(callers);
}

async function runCaller(name: string, { pauseMs, activities }: Kind, options: CallersOptions): Promise<void> {
  const { url, seed, acknowledgedJobs, tally, wasCalm, over } = options;
  const random = createSeededRandom(seed, name);
  const client = createApiClient({ baseUrl: url });
  for (let turn = 0; !over.aborted; turn += 1) {
    await pause(random, pauseMs, over);
    const [activityName, activity] = random.pick(activities);
    const startedAtMs = performance.now();
    const context = { url, client, random, acknowledgedJobs, over, prompt: `Caller ${name}, turn ${turn} of ${seed}` };
    const verdict = await activity(context).catch((error: Error) => wrong(`${error.message} (${error.cause ?? 'no cause'})`));
    tally.add(activityName, verdict, wasCalm(startedAtMs, performance.now()));
  }
}

const pause = (random: SeededRandom, { min, max }: Kind['pauseMs'], signal: AbortSignal) =>
  wait(min + random.upTo(max - min), undefined, { signal }).catch(() => {});
