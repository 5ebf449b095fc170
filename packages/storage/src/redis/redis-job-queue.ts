import { AppError } from '@prodigon/contracts';
import type { ItemId, JobQueue } from '@prodigon/ports';
import { type Kysely, sql } from 'kysely';
import { translateErrors } from '../create-database.ts';
import type { Database } from '../database-schema.ts';
import {
  claimItems,
  createPostgresJobQueue,
  findLastTurn,
  selectItemIds,
  selectRoundRobin,
} from '../queue/postgres-job-queue.ts';
import type { RedisConnection } from './redis-connection.ts';

export interface RedisJobQueueOptions {
  readonly db: Kysely<Database>;
  readonly connection: RedisConnection;
  /** Key of the list. Workers of one database share it. */
  readonly key?: string;
}

/** Ids in Redis. The remaining items stay in the database until the list is empty. */
const IDS_MAX = 1_000;
/** Bounds the time in which the list differs from the order in the database, e.g. after a lost `notify`. */
const LIST_TTL_S = 10;

/**
 * Creates a queue whose workers share a list of the next pending items in Redis. A worker that finds it empty fills it
 * from the database, which decides who leases an item: ids that are lost, repeated or old cost a query and no item. While
 * Redis is unavailable, each worker claims from the database.
 */
export function createRedisJobQueue({ db, connection, key = 'prodigon:job-items' }: RedisJobQueueOptions): JobQueue {
  const database = createPostgresJobQueue(db);
  let lastOwner = '';
  let filling: Promise<void> | undefined;

  const pop = async (max: number): Promise<ItemId[]> =>
    ((await connection.run((redis) => redis.lpop(key, max))) ?? []).map(parseId);

  async function fill(): Promise<void> {
    const ids = await selectNext(db, lastOwner);
    if (ids.length === 0) return;
    // Replaces what another worker has stored meanwhile, so that the list contains no item twice.
    await connection.run((redis) =>
      redis
        .multi()
        .del(key)
        .rpush(key, ...ids.map(formatId))
        .expire(key, LIST_TTL_S)
        .exec(),
    );
  }

  /** Takes ids from the list. Fills it at most once when it is empty. */
  async function take(max: number): Promise<ItemId[]> {
    const ids = await pop(max);
    if (ids.length > 0) return ids;
    filling ??= fill().finally(() => {
      filling = undefined;
    });
    await filling;
    return pop(max);
  }

  return translateErrors<JobQueue>({
    notify() {
      // The list expires when Redis does not receive this.
      connection.run((redis) => redis.del(key)).catch(() => {});
    },
    async claim(session, max) {
      const ids = await take(max).catch((thrown: unknown) => {
        if (thrown instanceof AppError && thrown.code === 'SERVICE_UNAVAILABLE') return undefined;
        throw thrown;
      });
      if (ids === undefined) return database.claim(session, max);
      if (ids.length === 0) return [];
      const items = await claimItems(db, session, selectItemIds(ids));
      lastOwner = findLastTurn(new Set(items.map(({ ownerId }) => ownerId)), lastOwner) ?? lastOwner;
      // Other workers have leased all of them, e.g. while Redis was unavailable. The database knows the others.
      return items.length > 0 ? items : database.claim(session, max);
    },
  });
}

/** Returns the ids of the next pending items, in the order in which they run. */
async function selectNext(db: Kysely<Database>, lastOwner: string): Promise<readonly ItemId[]> {
  const { rows } = await sql<{ job_id: string; index: number }>`
    select i.job_id, i.index
    from (${selectRoundRobin({ lastOwner, max: IDS_MAX, isLocking: false })}) picked join worker.job_items i using (job_id, index)
    order by row_number() over (partition by i.owner_id order by i.rank, i.job_id, i.index), i.owner_id <= ${lastOwner}, i.owner_id
  `.execute(db);
  return rows.map(({ job_id, index }) => ({ jobId: job_id, index }));
}

const formatId = ({ jobId, index }: ItemId): string => `${jobId}:${index}`;

function parseId(text: string): ItemId {
  const [jobId = '', index] = text.split(':');
  return { jobId, index: Number(index) };
}
