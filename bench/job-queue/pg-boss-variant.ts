import { loadPeer } from './peers.ts';
import { COMPLETION, payloadOf, type QueueVariant, type QueueVariantOptions } from './queue-variant.ts';

interface BossJob {
  readonly id: string;
}
interface Boss {
  on(event: 'error', listener: (error: Error) => void): void;
  start(): Promise<unknown>;
  stop(options: { graceful: boolean }): Promise<void>;
  createQueue(name: string): Promise<void>;
  insert(name: string, jobs: readonly { data: object }[]): Promise<unknown>;
  work(name: string, options: object, handler: (jobs: readonly BossJob[]) => Promise<unknown>): Promise<string>;
  offWork(name: string, options: { wait: boolean }): Promise<void>;
  deleteAllJobs(name: string): Promise<void>;
  getDb(): { executeSql(text: string, values: unknown[]): Promise<{ rows: { completed: number }[] }> };
}

const NAME = 'bench';
const PER_CALL = 1_000;
export const BATCH_SIZE = 500;

/**
 * Runs pg-boss as its documentation recommends for many jobs: fetch a batch, complete each job with its own output,
 * and fetch the next batch immediately while batches are full.
 */
export async function createPgBossVariant({ url }: QueueVariantOptions): Promise<QueueVariant> {
  const { PgBoss } = loadPeer<{ PgBoss: new (options: object) => Boss }>('pg-boss');
  const boss = new PgBoss({ connectionString: url, schedule: false });
  boss.on('error', (error) => {
    throw error;
  });
  await boss.start();
  await boss.createQueue(NAME);

  return {
    async fill(count) {
      for (let first = 0; first < count; first += PER_CALL) {
        const length = Math.min(PER_CALL, count - first);
        await boss.insert(
          NAME,
          Array.from({ length }, (_, offset) => ({ data: { prompt: payloadOf(first + offset) } })),
        );
      }
    },
    async run(count) {
      const { promise: handled, resolve } = Promise.withResolvers<void>();
      let received = 0;
      const options = {
        batchSize: BATCH_SIZE,
        perJobResults: true,
        burstWhenBatchFull: true,
        pollingIntervalSeconds: 0.5,
      };
      await boss.work(NAME, options, async (jobs) => {
        received += jobs.length;
        if (received === count) resolve();
        return jobs.map(({ id }) => ({ id, status: 'completed', output: COMPLETION }));
      });
      await handled;
      // Waits for the batch whose outputs are being stored.
      await boss.offWork(NAME, { wait: true });
      return { async stop() {} };
    },
    async stored() {
      const { rows } = await boss
        .getDb()
        .executeSql(
          `select count(*)::int as completed from pgboss.job where name = $1 and state = 'completed' and output->>'text' = $2`,
          [NAME, COMPLETION.text],
        );
      return rows[0]?.completed ?? 0;
    },
    clear: () => boss.deleteAllJobs(NAME),
    close: () => boss.stop({ graceful: false }),
  };
}
