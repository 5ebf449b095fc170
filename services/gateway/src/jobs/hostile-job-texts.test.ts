import { checkProperty, hostileTexts } from '@prodigon/testing';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { closeAfterAll, TOPOLOGIES } from '../gateway-harness.test-support.ts';
import { startMemoryWorker } from './memory-worker.test-support.ts';

const CANARY = 'canary0a1b2c3d4';

describe.each(TOPOLOGIES)('hostile texts of jobs, worker %s', (topology) => {
  const onClose = closeAfterAll();
  let platform: Awaited<ReturnType<typeof startMemoryWorker>>;
  beforeAll(async () => {
    platform = await startMemoryWorker(topology, onClose);
  });

  /** Expects a job, or a refusal that names the field. Returns whether there is a job. */
  async function isCreated(response: Response, field: string): Promise<boolean> {
    const body = await response.json();
    if (response.status === 202) return true;
    expect([response.status, JSON.stringify(body.error.details)]).toEqual([422, expect.stringContaining(field)]);
    return false;
  }

  it('keeps a name unchanged in JSON and in the query of a file, or refuses it', () =>
    checkProperty(
      { cases: 60 },
      fc.asyncProperty(hostileTexts(), async (name) => {
        const { jobs, submit, url } = platform;
        jobs.length = 0;
        const asJson = await isCreated(await submit({ prompts: ['one'], name }), 'name');
        const query = new URLSearchParams({ name });
        const init = { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'one\n' };
        const asQuery = await isCreated(await fetch(`${url}/api/v1/jobs?${query}`, init), 'name');
        const isStorable = name.trim() !== '' && !name.includes('\0') && name.trim().length <= 120;
        expect([asJson, asQuery]).toEqual([isStorable, isStorable]);
        expect(jobs.map((job) => job.name)).toEqual(isStorable ? [name.trim(), name.trim()] : []);
      }),
    ));

  it('names a job without a name after its prompt, whatever the prompt contains', () =>
    checkProperty(
      { cases: 30 },
      fc.asyncProperty(hostileTexts({ piecesMax: 60 }), async (prompt) => {
        const { jobs, submit } = platform;
        jobs.length = 0;
        if (!(await isCreated(await submit({ prompts: [prompt] }), 'prompts'))) return;
        const { name = '' } = jobs[0] ?? {};
        expect([name.isWellFormed(), name.length > 0, name.length <= 80]).toEqual([true, true, true]);
      }),
    ));

  it('creates one job for each idempotency key, whatever its bytes are', () =>
    checkProperty(
      { cases: 60 },
      fc.asyncProperty(hostileTexts({ piecesMax: 5 }), async (text) => {
        const { jobs, submit } = platform;
        jobs.length = 0;
        // A client sends any bytes but those that end a header or its line.
        const key = Buffer.from(text)
          .toString('latin1')
          .replace(/\p{Cc}/gu, '')
          .trim();
        const headers = { 'idempotency-key': key };
        if (!(await isCreated(await submit({ prompts: ['one'] }, headers), 'idempotency-key'))) return;
        const again = await submit({ prompts: ['one'] }, headers);
        expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([202, 'true']);
        const other = await submit({ prompts: ['one'] }, { 'idempotency-key': `${key}x` });
        expect([other.status, other.headers.get('idempotent-replayed')]).toEqual([202, null]);
        const different = await submit({ prompts: ['two'] }, headers);
        expect(different.status).toBe(422);
        expect(jobs).toHaveLength(2);
      }),
    ));

  it('logs no file, name, id, key or system prompt of a job at info and above, valid or not', async () => {
    const { submit, url, log } = platform;
    const headers = { 'content-type': 'application/jsonl', 'idempotency-key': CANARY };
    const files = [
      JSON.stringify({ prompt: CANARY, custom_id: CANARY }),
      `{"prompt":"${CANARY}","${CANARY}":1}`,
      `${CANARY} is not JSON`,
      JSON.stringify({ prompt: '', custom_id: CANARY }),
    ];
    for (const body of files) {
      const query = new URLSearchParams({ name: CANARY, system_prompt: CANARY });
      await (await fetch(`${url}/api/v1/jobs?${query}`, { method: 'POST', headers, body: `${body}\n` })).text();
      await (
        await fetch(`${url}/api/v1/jobs?${new URLSearchParams({ [CANARY]: CANARY })}`, { method: 'POST', headers, body })
      ).text();
    }
    for (const body of [{ prompts: [CANARY], name: CANARY }, { prompts: [CANARY], name: [CANARY] }, { prompts: CANARY }])
      await (await submit(body)).text();
    const info = log()
      .trimEnd()
      .split('\n')
      .filter((line) => JSON.parse(line).level >= 30);
    expect(info.length).toBeGreaterThan(files.length);
    expect(info.filter((line) => line.includes(CANARY))).toEqual([]);
  });
});
