import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ApiClient, createApiClient } from '@prodigon/api-client';
import { type JobResultLine, jobResultLineSchema } from '@prodigon/contracts';
import { copyClusterTemplate, createTestDatabase, matrixOf } from '@prodigon/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createCliFixture, WAIT } from './run-prodigon.test-support.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/operations/back-up.md'), 'utf8');
/** The commands for one machine, which also apply to one's own PostgreSQL. */
const COMMANDS = [...PAGE.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) => block.trim().split('\n'));
const SETTINGS = { JOB_CONCURRENCY: '2', JOB_LEASE_MS: '2000' };
const FAST = 'prodigon-sim?ttft_ms=0&tokens_per_s=5000&tokens=5';
const SLOW = 'prodigon-sim?ttft_ms=300&tokens_per_s=5000&tokens=5';
const PROMPTS = Array.from({ length: 30 }, (_, index) => `Question ${index}?`);

async function submit(client: ApiClient, model: string): Promise<string> {
  return (await client.jobs.submit({ prompts: PROMPTS, model })).job_id;
}

const whenCompleted = (client: ApiClient, id: string) =>
  vi.waitFor(async () => expect((await client.jobs.get(id)).status).toBe('completed'), WAIT);

async function resultsOf(url: string, id: string): Promise<JobResultLine[]> {
  const lines = (await (await fetch(`${url}/api/v1/jobs/${id}/results.jsonl`)).text()).trimEnd().split('\n');
  return lines.map((line) => jobResultLineSchema.parse(JSON.parse(line)));
}

async function createFixture(database: 'embedded' | 'own') {
  if (database === 'own') {
    const { url, drop } = await createTestDatabase();
    const fixture = createCliFixture({ ...SETTINGS, DATABASE_URL: url });
    onTestFinished(async () => {
      await fixture.close();
      await drop();
    });
    return fixture;
  }
  const fixture = createCliFixture(SETTINGS);
  await copyClusterTemplate(fixture.env.DATA_DIR);
  onTestFinished(() => fixture.close());
  return fixture;
}

const DATABASES = [
  { name: 'the embedded PostgreSQL', database: 'embedded' },
  { name: 'your own PostgreSQL', database: 'own' },
] as const;

describe.each(matrixOf(DATABASES, ({ database }) => database === 'embedded'))(
  'the commands of docs/operations/back-up.md with $name',
  ({ database }) => {
    it('restore jobs and results, and continue the job that ran during the backup', async () => {
      const fixture = await createFixture(database);
      const runDocumented = async (command: string) => {
        expect(COMMANDS).toContain(command);
        const words = command.replace('prodigon.gz', join(fixture.folder, 'prodigon.gz')).split(' ');
        expect(await fixture.run(...words.slice(1)), command).toMatchObject({ code: 0 });
      };
      const { url } = await fixture.start('--topology', 'monolith');
      const client = createApiClient({ baseUrl: url });
      const completed = await submit(client, FAST);
      await whenCompleted(client, completed);
      const isRecorded = async () => expect((await client.usage()).totals.requests).toBe(PROMPTS.length);
      await vi.waitFor(isRecorded, WAIT);
      const [job, results] = [await client.jobs.get(completed), await resultsOf(url, completed)];
      const running = await submit(client, SLOW);
      await vi.waitFor(async () => expect((await client.jobs.get(running)).completed_prompts).toBeGreaterThan(2), WAIT);

      await runDocumented('./prodigon backup prodigon.gz');
      const later = await submit(client, FAST);
      await client.jobs.remove(completed);
      await runDocumented('./prodigon stop');
      await runDocumented('./prodigon restore --replace prodigon.gz');

      const restarted = await fixture.start('--topology', 'monolith');
      const restored = createApiClient({ baseUrl: restarted.url });
      expect(await restored.jobs.get(completed)).toEqual(job);
      expect(await resultsOf(restarted.url, completed)).toEqual(results);
      await expect(restored.jobs.get(later)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
      await whenCompleted(restored, running);
      expect((await resultsOf(restarted.url, running)).map(({ prompt }) => prompt)).toEqual(PROMPTS);
      expect((await restored.usage()).totals.requests).toBeGreaterThan(PROMPTS.length);
    });
  },
);
