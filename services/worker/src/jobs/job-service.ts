import { randomUUIDv7 } from 'node:crypto';
import { AppError, type JobActivity, type JobResultLine } from '@prodigon/contracts';
import type { JobStore, JobsClient } from '@prodigon/ports';
import { jobEvents } from './job-events.ts';
import { validateSubmission } from './job-submission.ts';

export interface JobServiceDependencies {
  jobStore: JobStore;
  /** Makes the engine of this process check the queue and cancellations. */
  wake: () => void;
  activity: () => Promise<JobActivity>;
  pollEveryMs?: number;
}

/** Maximum concurrent event streams of one worker. Each polls the database a few times a second. */
const EVENT_STREAMS_MAX = 200;
/** Maximum concurrent file uploads of one worker. Each is buffered in a temporary file. */
const UPLOADS_MAX = 16;

/** Creates the client that owners' requests use. */
export function createJobService({ jobStore, wake, activity, pollEveryMs = 200 }: JobServiceDependencies): JobsClient {
  const uploads = createConcurrencyLimit(UPLOADS_MAX, 'Too many uploads are in progress.');
  const streams = createConcurrencyLimit(EVENT_STREAMS_MAX, 'Too many job event streams are open.');

  return {
    async create(submission, { principal }) {
      // A list of prompts is already in memory.
      const release = submission.source.type === 'file' ? uploads.acquire() : () => {};
      try {
        const validated = await validateSubmission(submission);
        try {
          const { options, idempotencyKey: key } = submission;
          const { total, firstPrompt, fingerprint } = validated;
          const submitted = await jobStore.create(
            {
              jobId: randomUUIDv7(),
              ownerId: principal.id,
              options: { ...options, name: options.name ?? defaultName(firstPrompt) },
              total,
              idempotency: key === undefined ? undefined : { key, fingerprint },
            },
            validated.inputs(),
          );
          if (!submitted.isReplay) wake();
          return submitted;
        } finally {
          await validated.close();
        }
      } finally {
        release();
      }
    },
    list: (query, { principal }) => jobStore.list(principal.id, query),
    get: (jobId, { principal }) => jobStore.get(principal.id, jobId),
    items: (jobId, query, { principal }) => jobStore.items(principal.id, jobId, query),
    async results(jobId, query, { principal }) {
      // Throws `JOB_NOT_FOUND` before the response starts.
      await jobStore.snapshot(principal.id, jobId);
      return toJsonLines(jobStore.results(principal.id, jobId, query));
    },
    async events(jobId, after, { principal, signal }) {
      await jobStore.snapshot(principal.id, jobId);
      const release = streams.acquire();
      return releaseAtEnd(jobEvents({ jobStore, ownerId: principal.id, jobId, after, signal, pollEveryMs }), release);
    },
    async cancel(jobId, { principal }) {
      const job = await jobStore.cancel(principal.id, jobId);
      wake();
      return job;
    },
    async retry(jobId, { principal }) {
      const job = await jobStore.retry(principal.id, jobId);
      wake();
      return job;
    },
    remove: (jobId, { principal }) => jobStore.remove(principal.id, jobId),
    activity,
  };
}

/** Returns the beginning of the first prompt as one line. */
function defaultName(prompt: string): string {
  const line = prompt.trim().replace(/\s+/g, ' ');
  return line.length <= 80 ? line : `${line.slice(0, 79).trimEnd()}…`;
}

async function* toJsonLines(batches: AsyncIterable<readonly JobResultLine[]>): AsyncGenerator<Uint8Array> {
  for await (const lines of batches) yield Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

function createConcurrencyLimit(max: number, message: string) {
  let active = 0;
  return {
    acquire(): () => void {
      if (active >= max) throw new AppError('SERVICE_UNAVAILABLE', message, { retryAfterSeconds: 1 });
      active += 1;
      return () => {
        active -= 1;
      };
    },
  };
}

async function* releaseAtEnd<Value>(values: AsyncIterable<Value>, release: () => void): AsyncGenerator<Value> {
  try {
    yield* values;
  } finally {
    release();
  }
}
