import { parseArgs } from 'node:util';

/** Each part is loaded when it is its turn, so that what one needs does not weigh on another. */
const PARTS: Record<string, { summary: string; load: () => Promise<() => Promise<void>> }> = {
  queue: {
    summary: 'items per second beside BullMQ and pg-boss',
    load: async () => (await import('./job-queue/run-job-queue.ts')).runJobQueue,
  },
  'claim-scale': {
    summary: 'what a claim costs with a thousand and with a million items',
    load: async () => (await import('./claim-scale/run-claim-scale.ts')).runClaimScale,
  },
  leaving: {
    summary: 'how soon a provider sees that the caller has left',
    load: async () => (await import('./leaving/run-leaving.ts')).runLeaving,
  },
  'large-job': {
    summary: '50,000 lines taken, run and downloaded, with the memory of each process',
    load: async () => (await import('./large-job/run-large-job.ts')).runLargeJob,
  },
};

const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } });
const unknown = values.only?.filter((name) => !(name in PARTS)) ?? [];
if (unknown.length > 0) {
  const list = Object.entries(PARTS).map(([name, { summary }]) => `  ${name.padEnd(14)}${summary}`);
  process.stderr.write(`There is no part "${unknown[0]}". There are:\n${list.join('\n')}\n`);
  process.exit(2);
}
for (const [name, { summary, load }] of Object.entries(PARTS)) {
  if (values.only && !values.only.includes(name)) continue;
  process.stdout.write(`\n${name}: ${summary}\n`);
  const run = await load();
  await run();
}
process.exit(0);
