import type { JobQueue } from '@prodigon/ports';
import { loadPeer } from './peers.ts';

interface BullJob {
  moveToCompleted(value: unknown, token: string, fetchNext: false): Promise<unknown>;
}
interface BullMq {
  Queue: new (
    name: string,
    options: object,
  ) => { addBulk(jobs: readonly { name: string; data: unknown; opts: object }[]): Promise<unknown>; close(): Promise<void> };
  Worker: new (
    name: string,
    processor: null,
    options: object,
  ) => { getNextJob(token: string, options: { block: false }): Promise<BullJob | undefined>; close(): Promise<void> };
}

const NAME = 'signals';
const TOKEN = 'bench';

/**
 * Wraps a queue so that BullMQ signals each waiting item: a claim takes as many signals as items. The rows stay the
 * truth. `announce` adds the signals of new items.
 */
export function createBullmqSignal(url: string, rows: JobQueue) {
  const { Queue, Worker } = loadPeer<BullMq>('bullmq');
  const { hostname: host, port } = new URL(url);
  const connection = { host, port: Number(port), maxRetriesPerRequest: null };
  const signals = new Queue(NAME, { connection });
  const worker = new Worker(NAME, null, { connection });

  async function takeSignal(): Promise<boolean> {
    const job = await worker.getNextJob(TOKEN, { block: false });
    await job?.moveToCompleted(null, TOKEN, false);
    return job !== undefined;
  }
  const queue: JobQueue = {
    notify() {},
    async claim(session, max) {
      const taken = await Promise.all(Array.from({ length: max }, takeSignal));
      const count = taken.filter(Boolean).length;
      return count === 0 ? [] : rows.claim(session, count);
    },
  };
  return {
    queue,
    async announce(count: number): Promise<void> {
      const signal = { name: 'item', data: null, opts: { removeOnComplete: true } };
      for (let left = count; left > 0; left -= 1_000) await signals.addBulk(Array(Math.min(left, 1_000)).fill(signal));
    },
    close: async () => void (await Promise.all([worker.close(), signals.close()])),
  };
}
