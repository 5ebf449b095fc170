import { describeMachine, type Summary, summarize } from '@prodigon/lab';
import { createDatabase } from '@prodigon/stack';
import { DURABLE_SETTINGS, ensureProgram, PROGRAMS, startTestPostgres, startTestRedis } from '@prodigon/testing';
import { writeResult } from '../common/write-result.ts';
import { createBullmqVariant } from './bullmq-variant.ts';
import { installPeers, PEERS } from './peers.ts';
import { createPgBossVariant } from './pg-boss-variant.ts';
import { createProdigonVariant } from './prodigon-variant.ts';
import type { QueueVariant } from './queue-variant.ts';

const ITEMS = 10_000;
const ROUNDS = 5;
export const CONCURRENCY = 100;

export interface Candidate {
  readonly name: string;
  readonly durability: string;
  readonly variant: QueueVariant;
}

/** Measures items per second: claimed, run by a model that responds immediately, and recorded with result and usage. */
export async function runJobQueue(): Promise<void> {
  installPeers();
  const postgres = await startTestPostgres({ settings: DURABLE_SETTINGS });
  ensureProgram(PROGRAMS.redis);
  const [everySecond, always] = await Promise.all([startRedis('everysec'), startRedis('always')]);
  const urls = { prodigon: databaseUrl(postgres.url, 'prodigon_bench'), pgBoss: databaseUrl(postgres.url, 'pg_boss_bench') };
  for (const url of Object.values(urls)) await createDatabase(url);

  const committed = 'PostgreSQL, fsync at every commit: nothing that is recorded is lost';
  const candidates: Candidate[] = [
    {
      name: 'Prodigon',
      durability: committed,
      variant: await createProdigonVariant({ url: urls.prodigon, concurrency: CONCURRENCY }),
    },
    {
      name: `BullMQ ${PEERS.bullmq}, everysec`,
      durability: 'Redis, append-only file flushed once a second: a crash of the machine loses up to a second',
      variant: await createBullmqVariant({ url: everySecond.url, concurrency: CONCURRENCY }),
    },
    {
      name: `BullMQ ${PEERS.bullmq}, always`,
      durability: 'Redis, append-only file flushed before each reply',
      variant: await createBullmqVariant({ url: always.url, concurrency: CONCURRENCY }),
    },
    {
      name: `pg-boss ${PEERS['pg-boss']}`,
      durability: committed,
      variant: await createPgBossVariant({ url: urls.pgBoss, concurrency: CONCURRENCY }),
    },
  ];
  try {
    await measureAndReport('job-queue', candidates);
  } finally {
    await Promise.all([postgres.close(), everySecond.close(), always.close()]);
  }
}

const startRedis = (fsync: 'everysec' | 'always') => startTestRedis({ settings: { appendonly: 'yes', appendfsync: fsync } });

/** Measures the candidates, closes them and writes the result under this name. The first one is ours. */
export async function measureAndReport(name: string, candidates: readonly Candidate[]): Promise<void> {
  try {
    const machine = describeMachine();
    const rates = await measure(candidates);
    report(name, candidates, rates, machine);
  } finally {
    for (const { variant } of candidates) await variant.close().catch(() => undefined);
  }
}

/** Measures items per second in interleaved rounds, so that disturbances of the machine affect all candidates. */
async function measure(candidates: readonly Candidate[]): Promise<number[][]> {
  const rates: number[][] = candidates.map(() => []);
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (let turn = 0; turn < candidates.length; turn += 1) {
      const which = (turn + round) % candidates.length;
      const candidate = candidates[which];
      if (!candidate) continue;
      const rate = await measureOnce(candidate);
      const label = round === 0 ? 'warm-up' : `round ${round} of ${ROUNDS}`;
      process.stdout.write(`${label}: ${candidate.name} ${Math.round(rate).toLocaleString('en')} items/s\n`);
      if (round > 0) rates[which]?.push(rate);
    }
  }
  return rates;
}

async function measureOnce({ name, variant }: Candidate): Promise<number> {
  await variant.fill(ITEMS);
  const startedAt = performance.now();
  const { stop } = await variant.run(ITEMS);
  const elapsedMs = performance.now() - startedAt;
  await stop();
  const stored = await variant.stored();
  if (stored !== ITEMS) throw new Error(`${name} stored ${stored} of ${ITEMS} items, so its figure is invalid.`);
  await variant.clear();
  return (ITEMS / elapsedMs) * 1_000;
}

function report(name: string, candidates: readonly Candidate[], rates: readonly number[][], machine: object): void {
  const prodigon = summarize(rates[0] ?? []);
  const variants = candidates.map(({ name, durability }, which) => {
    const rate = summarize(rates[which] ?? []);
    return {
      name,
      durability,
      items_per_second: rounded(rate),
      ratio_of_ours: Math.round((prodigon.median / rate.median) * 100) / 100,
    };
  });
  writeResult(name, { ...machine, items: ITEMS, rounds: ROUNDS, concurrency: CONCURRENCY, variants });
  console.table(
    Object.fromEntries(
      variants.map(({ name, items_per_second: { median, min, max }, ratio_of_ours }) => [
        name,
        { median, min, max, 'Prodigon is': `${ratio_of_ours}×` },
      ]),
    ),
  );
}

function rounded({ median, min, max }: Summary): Summary {
  return { median: Math.round(median), min: Math.round(min), max: Math.round(max) };
}

export function databaseUrl(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
