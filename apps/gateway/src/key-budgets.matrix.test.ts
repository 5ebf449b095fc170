import { randomUUID } from 'node:crypto';
import type { ApiKey, CreatedApiKey } from '@prodigon/contracts';
import { type Deployment, matrixDeployments, sharedDeployment } from '@prodigon/testing';
import { describe, expect, it } from 'vitest';
import { LONG_TEST_MS, WAIT } from './faults/deployment.test-support.ts';

const MODEL = 'prodigon-sim?ttft_ms=0&tokens=5';
const BODY = { prompt: 'Hi', model: MODEL };

/** Sends requests with a new key of a new owner. */
async function setUp({ url, internalToken }: Deployment, rights: object, owner = `owner-${randomUUID().slice(0, 8)}`) {
  const call = (method: string, path: string, value: string, body?: object) =>
    fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${value}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  const created = await call('POST', '/api/v1/keys', internalToken, { name: `batch ${randomUUID()}`, owner, ...rights });
  expect(created.status).toBe(201);
  const { id, key } = (await created.json()) as CreatedApiKey;
  return {
    owner,
    generate: () => call('POST', '/api/v1/generate', key, BODY),
    post: (path: string, body: object) => call('POST', path, key, body),
    get: async (path: string) => (await call('GET', path, key)).json(),
    change: (changes: object) => call('PATCH', `/api/v1/keys/${id}`, internalToken, changes),
    revoke: () => call('DELETE', `/api/v1/keys/${id}`, internalToken),
    spending: async () => ((await (await call('GET', `/api/v1/keys/${id}`, internalToken)).json()) as ApiKey).spending,
  };
}

const codeOf = async (response: Response) => ((await response.json()) as { error: { code: string } }).error.code;

// Each test has a key and an owner of its own, and mostly waits for other processes.
describe.concurrent.each(matrixDeployments('services'))('%s', (name) => {
  it(
    'refuses every kind of request of a key whose budget is used up',
    async ({ expect }) => {
      const key = await setUp(await sharedDeployment(name), { budget: { tokens_per_day: 20 } });
      let spent = 0;
      let response = await key.generate();
      for (; response.status === 200; response = await key.generate()) {
        const { usage } = (await response.json()) as { usage: { total_tokens: number } };
        spent += usage.total_tokens;
      }
      expect([response.status, await codeOf(response)]).toEqual([429, 'BUDGET_EXHAUSTED']);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(spent).toBeGreaterThanOrEqual(20);
      expect(spent).toBeLessThan(20 + 20);
      expect((await key.spending())?.day.tokens).toBe(spent);

      const messages = [{ role: 'user', content: 'Hi' }];
      const chat = await key.post('/v1/chat/completions', { model: MODEL, messages, stream: true });
      expect([chat.status, await codeOf(chat)]).toEqual([429, 'insufficient_quota']);
      const { job_id } = (await (await key.post('/api/v1/jobs', { prompts: ['Hi'], model: MODEL })).json()) as { job_id: string };
      await expect.poll(async () => (await key.get(`/api/v1/jobs/${job_id}`)).status, WAIT).toBe('failed');
      const { items } = await key.get(`/api/v1/jobs/${job_id}/items`);
      expect(items).toMatchObject([{ status: 'failed', attempts: 1, error: { code: 'BUDGET_EXHAUSTED' } }]);

      expect((await key.change({ budget: { tokens_per_day: 1_000 } })).status).toBe(200);
      await expect.poll(async () => (await key.generate()).status, WAIT).toBe(200);
    },
    LONG_TEST_MS,
  );

  it(
    'lets a key use only its models',
    async ({ expect }) => {
      const key = await setUp(await sharedDeployment(name), { models: ['prodigon-tutor'] });
      const rejected = await key.generate();
      expect([rejected.status, await codeOf(rejected)]).toEqual([403, 'FORBIDDEN']);
      const job = await key.post('/api/v1/jobs', { prompts: ['Hi'], model: MODEL });
      expect([job.status, await codeOf(job)]).toEqual([403, 'FORBIDDEN']);
      const { data } = await key.get('/v1/models');
      expect(data.map(({ id }: { id: string }) => id)).toEqual(['prodigon-tutor']);
      expect((await key.change({ models: null })).status).toBe(200);
      await expect.poll(async () => (await key.generate()).status, WAIT).toBe(200);
    },
    LONG_TEST_MS,
  );

  it(
    'fails the items of a revoked key without retries, until another key retries the job',
    async ({ expect }) => {
      const deployment = await sharedDeployment(name);
      const first = await setUp(deployment, {});
      const second = await setUp(deployment, {}, first.owner);
      // More than run at a time, and fewer than abort a job when they fail in a row.
      const prompts = Array.from({ length: 40 }, (_, index) => `Hi ${index}`);
      // Long enough that items start after all services have learned of the revocation.
      const job = { prompts, model: 'prodigon-sim?ttft_ms=3000&tokens=1' };
      const { job_id } = (await (await first.post('/api/v1/jobs', job)).json()) as { job_id: string };
      const path = `/api/v1/jobs/${job_id}`;
      await expect.poll(async () => (await second.get(path)).running_prompts, WAIT).toBeGreaterThan(0);
      expect((await first.revoke()).status).toBe(200);
      await expect.poll(async () => (await second.get(path)).completed_at, WAIT).not.toBeNull();
      const { items } = await second.get(`${path}/items?status=failed&limit=100`);
      expect(items.length).toBeGreaterThan(0);
      for (const item of items) expect(item).toMatchObject({ attempts: 1, error: { code: 'FORBIDDEN' } });
      expect((await second.post(`${path}/retry`, {})).status).toBe(200);
      await expect.poll(async () => (await second.get(path)).status, WAIT).toBe('completed');
    },
    LONG_TEST_MS,
  );
});
