import { parseArgs } from 'node:util';
import { runClaimScale } from './claim-scale/run-claim-scale.ts';
import { runJobQueue } from './job-queue/run-job-queue.ts';
import { runLargeJob } from './large-job/run-large-job.ts';

const PARTS: Record<string, { summary: string; run: () => Promise<void> }> = {
  queue: { summary: 'items per second beside BullMQ and pg-boss', run: runJobQueue },
  'claim-scale': { summary: 'what a claim costs with a thousand and with a million items', run: runClaimScale },
  'large-job': { summary: '50,000 lines taken, run and downloaded, with the memory of each process', run: runLargeJob },
};

const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } });
const unknown = values.only?.filter((name) => !(name in PARTS)) ?? [];
if (unknown.length > 0) {
  const list = Object.entries(PARTS).map(([name, { summary }]) => `  ${name.padEnd(14)}${summary}`);
  process.stderr.write(`There is no part "${unknown[0]}". There are:\n${list.join('\n')}\n`);
  process.exit(2);
}
for (const [name, { summary, run }] of Object.entries(PARTS)) {
  if (values.only && !values.only.includes(name)) continue;
  process.stdout.write(`\n${name}: ${summary}\n`);
  await run();
}
process.exit(0);
