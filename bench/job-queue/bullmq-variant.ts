import { loadPeer } from './peers.ts';
import { COMPLETION, payloadOf, type QueueVariant, type QueueVariantOptions } from './queue-variant.ts';

interface BullWorker {
  on(event: 'completed', listener: () => void): void;
  on(event: 'failed' | 'error', listener: (...what: unknown[]) => void): void;
  run(): Promise<void>;
  close(): Promise<void>;
}
interface BullQueue {
  addBulk(jobs: readonly { name: string; data: unknown }[]): Promise<unknown>;
  getCompletedCount(): Promise<number>;
  getCompleted(start: number, end: number): Promise<readonly { returnvalue: typeof COMPLETION | null }[]>;
  obliterate(options: { force: boolean }): Promise<void>;
  close(): Promise<void>;
}
interface BullMq {
  Queue: new (name: string, options: object) => BullQueue;
  Worker: new (name: string, processor: () => Promise<unknown>, options: object) => BullWorker;
}

const NAME = 'bench';
const PER_CALL = 1_000;

/** Runs BullMQ with its defaults: each completed job stays in Redis with its return value. */
export async function createBullmqVariant({ url, concurrency }: QueueVariantOptions): Promise<QueueVariant> {
  const { Queue, Worker } = loadPeer<BullMq>('bullmq');
  const { hostname: host, port } = new URL(url);
  const connection = { host, port: Number(port), maxRetriesPerRequest: null };
  const queue = new Queue(NAME, { connection });

  return {
    async fill(count) {
      for (let first = 0; first < count; first += PER_CALL) {
        const length = Math.min(PER_CALL, count - first);
        await queue.addBulk(
          Array.from({ length }, (_, offset) => ({ name: 'item', data: { prompt: payloadOf(first + offset) } })),
        );
      }
    },
    async run(count) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const worker = new Worker(NAME, async () => COMPLETION, { connection, concurrency, autorun: false });
      let completed = 0;
      worker.on('completed', () => {
        completed += 1;
        if (completed === count) resolve();
      });
      worker.on('failed', (_job, error) => reject(error));
      worker.on('error', reject);
      worker.run().catch(reject);
      await promise;
      return { stop: () => worker.close() };
    },
    async stored() {
      let stored = 0;
      const completed = await queue.getCompletedCount();
      for (let first = 0; first < completed; first += PER_CALL) {
        const jobs = await queue.getCompleted(first, first + PER_CALL - 1);
        stored += jobs.filter(({ returnvalue }) => returnvalue?.text === COMPLETION.text).length;
      }
      return stored;
    },
    clear: () => queue.obliterate({ force: true }),
    close: () => queue.close(),
  };
}
