import { AppError, sleep } from '@prodigon/contracts';
import { type Logger, logFailure } from '@prodigon/platform';
import type { ItemResult, Lease, LeaseStore, WorkerSession } from '@prodigon/ports';
import { leaseKey } from './worker-session.ts';

export interface ResultWriterOptions {
  leaseStore: LeaseStore;
  logger: Logger;
  /** Called once for each result, when the database has recorded or rejected it. */
  onRecorded: (result: ItemResult, isRejected: boolean) => void;
}

export interface ResultWriter {
  /** Number of results that the database has not recorded yet. */
  readonly backlog: number;
  /** Leases of these results. */
  readonly leases: readonly Lease[];
  add(session: WorkerSession, result: ItemResult): void;
  /** Resolves when all results are recorded or rejected, or when `signal` aborts. */
  flush(signal: AbortSignal): Promise<void>;
}

interface Entry {
  readonly session: WorkerSession;
  readonly result: ItemResult;
}

const BATCH_MAX = 500;
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 2_000;

/**
 * Creates a writer that records results in one transaction at a time. Results that arrive during a transaction share the
 * next one. Each result is kept until the database records it, or rejects it because another worker holds the item.
 */
export function createResultWriter({ leaseStore, logger, onRecorded }: ResultWriterOptions): ResultWriter {
  const entries: Entry[] = [];
  let writing: Promise<void> | undefined;

  async function writeAll(): Promise<void> {
    let failures = 0;
    while (entries.length > 0) {
      const batch = nextBatch();
      try {
        await write(batch);
        failures = 0;
        entries.splice(0, batch.length);
      } catch (thrown) {
        const error = AppError.from(thrown);
        failures += 1;
        if (failures === 1) logFailure(logger, { level: 'error', failure: error, message: 'Results could not be recorded' });
        if (error.code === 'INTERNAL_ERROR' && failures > 1) await writeSeparately(batch);
        else await sleep(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures));
      }
    }
    writing = undefined;
  }

  /** Returns the oldest results of one session. */
  function nextBatch(): Entry[] {
    const [first] = entries;
    const batch = entries.slice(0, BATCH_MAX);
    const end = batch.findIndex(({ session }) => session !== first?.session);
    return end < 0 ? batch : batch.slice(0, end);
  }

  async function write(batch: readonly Entry[]): Promise<void> {
    const [first] = batch;
    if (!first) return;
    const results = batch.map(({ result }) => result);
    const { rejected } = await leaseStore.recordResults(first.session, results);
    const keys = new Set(rejected.map(leaseKey));
    for (const result of results) onRecorded(result, keys.has(leaseKey(result.item)));
  }

  /** Records the results one by one after the database failed to store one of them. Records that one as failed. */
  async function writeSeparately(batch: readonly Entry[]): Promise<void> {
    for (const entry of batch) {
      try {
        await write([entry]);
      } catch (thrown) {
        if (AppError.from(thrown).code !== 'INTERNAL_ERROR') return;
        const { code, message } = new AppError('INTERNAL_ERROR', 'The response could not be stored.');
        const result: ItemResult = {
          item: entry.result.item,
          outcome: { type: 'failed', error: { code, message }, latencyMs: 0 },
        };
        await write([{ ...entry, result }]).catch(() => undefined);
      }
      entries.splice(entries.indexOf(entry), 1);
    }
  }

  return {
    get backlog() {
      return entries.length;
    },
    get leases() {
      return entries.map(({ result }) => result.item);
    },
    add(session, result) {
      entries.push({ session, result });
      writing ??= writeAll();
    },
    async flush(signal) {
      const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      await Promise.race([writing, aborted]);
    },
  };
}
