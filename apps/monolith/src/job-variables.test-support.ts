import { ConfigurationError } from '@prodigon/platform';
import { type RunningApp, startTestRedis } from '@prodigon/testing';
import pg from 'pg';
import { expect, onTestFinished } from 'vitest';
import { build, createDatabase, start, startProcess, type VariableTests } from './environment-variables.test-support.ts';

/** Variables of the database, jobs and the retention of data. */
export const JOB_VARIABLES: VariableTests = {
  async DATABASE_URL() {
    await expectConfigurationError(build('worker', { DATABASE_URL: '' }), 'DATABASE_URL is not set');
    const { url } = await start('monolith', { DATABASE_URL: (await createDatabase()).url });
    expect((await submit(url)).status).toBe(202);
  },
  async DATABASE_DIRECT_URL() {
    const { url: DATABASE_URL } = await createDatabase();
    const unreachable = build('worker', { DATABASE_URL, DATABASE_DIRECT_URL: 'postgresql://127.0.0.1:9/prodigon' });
    await expect(unreachable).rejects.toThrow('DATABASE_DIRECT_URL cannot be used: no PostgreSQL server answers');
  },
  async QUEUE_TYPE() {
    const { url: DATABASE_URL } = await createDatabase();
    await start('worker', { DATABASE_URL, QUEUE_TYPE: 'memory' });
    await expectConfigurationError(build('worker', { DATABASE_URL }), 'QUEUE_TYPE=memory');
  },
  async REDIS_URL() {
    const server = await startTestRedis();
    onTestFinished(() => server.close());
    const { url } = await start('monolith', {
      DATABASE_URL: (await createDatabase()).url,
      QUEUE_TYPE: 'redis',
      REDIS_URL: server.url,
      JOB_CONCURRENCY: '1',
    });
    await submit(url, Array(20).fill('x'));
    await expect.poll(() => server.run('LLEN prodigon:job-items'), { timeout: 30_000, interval: 10 }).toBe(':19');
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/^redis_up 1$/m);
  },
  async JOB_CONCURRENCY() {
    const { url } = await start('monolith', { JOB_CONCURRENCY: '3', DATABASE_URL: (await createDatabase()).url });
    const { job_id } = await (await submit(url, Array(20).fill('x'))).json();
    await expect
      .poll(async () => (await (await fetch(`${url}/api/v1/jobs/${job_id}`)).json()).running_prompts, { timeout: 30_000 })
      .toBe(3);
  },
  async JOB_LEASE_MS() {
    const { url: DATABASE_URL } = await createDatabase();
    const first = await startProcess('monolith', { DATABASE_URL, JOB_LEASE_MS: '500' });
    const { job_id } = await (await submit(first.url)).json();
    const itemOf = async ({ url }: Pick<RunningApp, 'url'>) =>
      (await (await fetch(`${url}/api/v1/jobs/${job_id}/items`)).json()).items[0];
    await expect.poll(async () => (await itemOf(first)).status, { timeout: 30_000 }).toBe('running');
    const { worker } = await itemOf(first);
    first.kill('SIGKILL');
    const second = await start('monolith', { DATABASE_URL, JOB_LEASE_MS: '500' });
    await expect.poll(async () => (await itemOf(second)).worker, { timeout: 30_000 }).not.toBe(worker);
  },
  async JOB_RETENTION_DAYS() {
    const { url: DATABASE_URL } = await createDatabase();
    const { url } = await start('monolith', { DATABASE_URL, JOB_RETENTION_DAYS: '2', JOB_LEASE_MS: '500' });
    const { job_id } = await (await submit(url)).json();
    const getJob = () => fetch(`${url}/api/v1/jobs/${job_id}`);
    await fetch(`${url}/api/v1/jobs/${job_id}/cancel`, { method: 'POST' });
    const client = new pg.Client({ connectionString: DATABASE_URL });
    await client.connect();
    await client.query("update worker.jobs set completed_at = now() - interval '3 days'");
    await client.end();
    await expect.poll(async () => (await getJob()).status, { timeout: 30_000 }).toBe(404);
  },
  async USAGE_RETENTION_DAYS() {
    const { url: DATABASE_URL } = await createDatabase();
    const client = new pg.Client({ connectionString: DATABASE_URL });
    await client.connect();
    await client.query(`
      insert into model.usage (id, at, owner_id, request_id, kind, provider, model, status, prompt_tokens, completion_tokens,
                               estimated, attempts, latency_ms)
      select gen_random_uuid(), now() - days * interval '1 day', 'local', 'r', 'chat', 'p', 'm', 'completed', 1, 1, false, 1, 1
      from unnest(array[1, 3]) as days`);
    await start('model', { DATABASE_URL, USAGE_RETENTION_DAYS: '2' });
    const count = async () => (await client.query('select count(*)::int as rows from model.usage')).rows[0].rows;
    await expect.poll(count, { timeout: 30_000 }).toBe(1);
    await client.end();
  },
};

/** Submits prompts whose responses start and never end. */
function submit(url: string, prompts: string[] = ['x']): Promise<Response> {
  return fetch(`${url}/api/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompts, model: 'prodigon-sim?ttft_ms=0&fault=stall&after=1' }),
  });
}

/** Expects an error with which a process exits with 78. */
async function expectConfigurationError(building: Promise<unknown>, message: string): Promise<void> {
  const error = await building.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConfigurationError);
  expect((error as Error).message).toContain(message);
}
