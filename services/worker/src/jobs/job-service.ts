import { randomUUIDv7 } from 'node:crypto';
import { AppError, JOB_LIMITS, type JobActivity, type JobResultLine } from '@prodigon/contracts';
import type { JobStore, JobsClient } from '@prodigon/ports';
import { jobEvents } from './job-events.ts';
import { checkSubmission } from './job-submission.ts';

export interface JobServiceDependencies {
  store: JobStore;
  /** The engine of this process should look at the queue and at what was cancelled. */
  wake: () => void;
  activity: () => Promise<JobActivity>;
  pollEveryMs?: number;
}

/** Event streams at once in one worker: each asks the database a few times a second. */
const EVENT_STREAMS_MAX = 200;
/** Files at once in one worker: each is read into a temporary file before the database is asked. */
const UPLOADS_MAX = 16;

/** What owners may do with their jobs. */
export function createJobService({ store, wake, activity, pollEveryMs = 200 }: JobServiceDependencies): JobsClient {
  const uploads = createPlaces(UPLOADS_MAX, 'Too many files are being received.');
  const streams = createPlaces(EVENT_STREAMS_MAX, 'Too many job event streams are open.');

  return {
    async create(submission, { principal }) {
      // A list of prompts is small, and has come whole.
      const leave = submission.source.type === 'file' ? uploads.enter() : () => {};
      try {
        const checked = await checkSubmission(submission);
        try {
          const { options, idempotencyKey: key } = submission;
          const { total, firstPrompt, fingerprint } = checked;
          const submitted = await store.create(
            {
              jobId: randomUUIDv7(),
              ownerId: principal.id,
              options: { ...options, name: options.name ?? nameFrom(firstPrompt) },
              total,
              idempotency: key === undefined ? undefined : { key, fingerprint },
            },
            checked.inputs(),
          );
          if (!submitted.isReplay) wake();
          return submitted;
        } finally {
          await checked.close();
        }
      } finally {
        leave();
      }
    },
    list: (query, { principal }) => store.list(principal.id, query),
    get: (jobId, { principal }) => store.get(principal.id, jobId),
    items: (jobId, query, { principal }) => store.items(principal.id, jobId, query),
    async results(jobId, query, { principal }) {
      // What fails has to fail before the first byte.
      await store.snapshot(principal.id, jobId);
      return toJsonLines(store.results(principal.id, jobId, query));
    },
    async events(jobId, after, { principal, signal }) {
      await store.snapshot(principal.id, jobId);
      const leave = streams.enter();
      return leavingAtEnd(jobEvents({ store, ownerId: principal.id, jobId, after, signal, pollEveryMs }), leave);
    },
    async cancel(jobId, { principal }) {
      const job = await store.cancel(principal.id, jobId);
      wake();
      return job;
    },
    async retry(jobId, { principal }) {
      const job = await store.retry(principal.id, jobId);
      wake();
      return job;
    },
    remove: (jobId, { principal }) => store.remove(principal.id, jobId),
    activity,
  };
}

/** The beginning of the first prompt, as far as it fits a line. */
function nameFrom(prompt: string): string {
  const line = prompt.trim().replace(/\s+/g, ' ');
  return line.length <= 80 ? line : `${line.slice(0, 79).trimEnd()}…`.slice(0, JOB_LIMITS.nameCharactersMax);
}

async function* toJsonLines(batches: AsyncIterable<readonly JobResultLine[]>): AsyncGenerator<Uint8Array> {
  for await (const lines of batches) yield Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

function createPlaces(max: number, message: string) {
  let taken = 0;
  return {
    enter(): () => void {
      if (taken >= max) throw new AppError('SERVICE_UNAVAILABLE', message, { retryAfterSeconds: 1 });
      taken += 1;
      return () => {
        taken -= 1;
      };
    },
  };
}

async function* leavingAtEnd<Value>(values: AsyncIterable<Value>, leave: () => void): AsyncGenerator<Value> {
  try {
    yield* values;
  } finally {
    leave();
  }
}
