import { streamChunks } from '@prodigon/api-client';
import { JOB_LIMITS, type Job } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { contextOf, ENDLESS, FAST, JOB_TOPOLOGIES, shareJobsPlatform, startJobsPlatform } from './jobs.test-support.ts';

const idOf = async (response: Response) => ((await response.json()) as Job).job_id;

describe.each(JOB_TOPOLOGIES)('batch jobs, worker %s', (topology) => {
  const running = shareJobsPlatform(topology);
  const stopped = shareJobsPlatform(topology, { isRunning: false });

  it('runs a job and returns the results in order', async () => {
    const { submit, waitForStatus, items, results, list } = running();
    const response = await submit({ prompts: ['one', 'two', 'three'], model: FAST, name: 'My batch', max_tokens: 50 });
    expect(response.status).toBe(202);
    const job = (await response.json()) as Job;
    expect(response.headers.get('location')).toBe(`/api/v1/jobs/${job.job_id}`);
    expect(job).toMatchObject({ status: 'pending', name: 'My batch', total_prompts: 3, max_tokens: 50, completed_prompts: 0 });

    const done = await waitForStatus(job.job_id, 'completed');
    expect(done).toMatchObject({ completed_prompts: 3, running_prompts: 0, usage: { completion_tokens: 9 }, cost_usd: 0 });
    expect(done.results).toHaveLength(3);
    expect((await items(job.job_id)).items).toMatchObject([
      {
        index: 0,
        prompt: 'one',
        status: 'succeeded',
        attempts: 1,
        model: 'prodigon-sim',
        worker: 'worker-1',
        output: done.results?.[0],
      },
      { index: 1, prompt: 'two' },
      { index: 2, prompt: 'three' },
    ]);
    expect((await results(job.job_id)).map(({ index, response }) => [index, response.body.text])).toEqual(
      done.results?.map((text, index) => [index, text]),
    );
    expect((await list()).jobs[0]).toMatchObject({ job_id: job.job_id });
    expect((await list()).jobs[0]).not.toHaveProperty('results');
  });

  it('names a job after its first prompt', async () => {
    const { submit } = stopped();
    const job = (await (await submit({ prompts: ['  Say\n something ', 'more'] })).json()) as Job;
    expect(job.name).toBe('Say something');
  });

  it.each([
    { type: 'application/jsonl', file: '{"prompt":"one","custom_id":"a"}\n\n"two"\n' },
    { type: 'text/csv; charset=utf-8', file: 'custom_id,prompt\r\na,one\r\n,"two"\r\n' },
    { type: 'text/plain', file: 'one\ntwo\n' },
  ])('creates a job from a file of type $type', async ({ type, file }) => {
    const { upload, waitForStatus, items } = running();
    const response = await upload(file, type, { model: FAST, name: 'From a file', max_tokens: '7', priority: '3' });
    expect(response.status).toBe(202);
    const job = (await response.json()) as Job;
    expect(job).toMatchObject({ name: 'From a file', total_prompts: 2, max_tokens: 7, priority: 3 });
    await waitForStatus(job.job_id, 'completed');
    const read = (await items(job.job_id)).items;
    expect(read.map(({ prompt }) => prompt)).toEqual(['one', 'two']);
    expect(read[0]?.custom_id).toBe(type === 'text/plain' ? null : 'a');
  });

  it('lists every invalid line of a file and creates no job', async () => {
    const { upload, list } = stopped();
    const lines = ['{"prompt":"fine","custom_id":"a"}', '{"prompt":""}', 'not json', '{"prompt":"again","custom_id":"a"}'];
    const response = await upload(lines.join('\n'), 'application/jsonl', { name: 'Invalid lines' });
    expect(response.status).toBe(422);
    const { error } = await response.json();
    expect(error).toMatchObject({ code: 'VALIDATION_ERROR', message: expect.stringMatching(/^3 of 4 lines cannot be used/) });
    expect(error.details.map(({ line }: { line: number }) => line)).toEqual([2, 3, 4]);
    expect((await list('?q=Invalid')).jobs).toEqual([]);
  });

  it('rejects jobs that are too large or invalid', async () => {
    const { upload, submit } = stopped();
    const tooMany = await upload('x\n'.repeat(JOB_LIMITS.fileLinesMax + 1), 'text/plain');
    expect([tooMany.status, (await tooMany.json()).error.code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
    const tooLong = await submit({ prompts: Array(101).fill('x') });
    expect([tooLong.status, await tooLong.text()]).toEqual([
      422,
      expect.stringContaining('Must have at most 100 items. A file upload may have 50,000'),
    ]);
    expect((await submit({ prompts: [] })).status).toBe(422);
    expect((await submit({ prompts: ['fine', ' '] })).status).toBe(422);
    expect((await submit({ prompts: ['nul \0'] })).status).toBe(422);
    expect((await submit({ prompts: ['x'], stream: true })).status).toBe(422);
    expect((await upload('', 'text/plain')).status).toBe(422);
    expect((await upload('x', 'text/plain', { max_tokens: 'many' })).status).toBe(422);
    expect((await upload('x', 'application/zip')).status).toBe(415);
    expect((await submit({ prompts: ['x'], model: 'unheard-of' })).status).toBe(422);
  });

  it('creates one job for an idempotency key, as JSON or as a file', async () => {
    const { submit, list, call } = stopped();
    const key = { 'idempotency-key': 'my-key' };
    const responses = await Promise.all(Array.from({ length: 10 }, () => submit({ prompts: ['a', 'b'], name: 'Once' }, key)));
    for (const { status } of responses) expect([202, 409]).toContain(status);
    expect((await list('?q=Once')).jobs).toHaveLength(1);
    const replayed = await submit({ prompts: ['a', 'b'], name: 'Once' }, key);
    expect([replayed.status, replayed.headers.get('idempotent-replayed')]).toEqual([202, 'true']);
    const asFile = await call('?name=Once', { method: 'POST', headers: { 'content-type': 'text/plain', ...key }, body: 'a\nb' });
    expect(asFile.headers.get('idempotent-replayed')).toBe('true');
    expect((await submit({ prompts: ['a', 'c'], name: 'Once' }, key)).status).toBe(422);
    expect((await submit({ prompts: ['a', 'b'], name: 'Once', temperature: 1 }, key)).status).toBe(422);
    expect((await list('?q=Once')).jobs).toHaveLength(1);
  });

  it('cancels a running job', async () => {
    const { submit, act, waitForStatus, items } = running();
    const id = await idOf(await submit({ prompts: Array(30).fill('x'), model: ENDLESS }));
    await waitForStatus(id, 'running');
    expect(await (await act(id, 'cancel')).json()).toMatchObject({ job_id: id });
    const job = await waitForStatus(id, 'cancelled');
    expect(job).toMatchObject({ cancelled_prompts: 30, completed_prompts: 0, cancelling: false });
    expect((await items(id, '?status=cancelled&limit=200')).items).toHaveLength(30);
    expect((await act(id, 'cancel')).status).toBe(200);
  });

  it('reports failed items and retries them', async () => {
    const { submit, act, waitForStatus, results, db } = await startJobsPlatform(topology);
    const id = await idOf(
      await submit({ prompts: ['x', 'y'], model: 'prodigon-sim?ttft_ms=0&tokens=2&fault=error_after&after=0' }),
    );
    const failed = await waitForStatus(id, 'failed');
    expect(failed).toMatchObject({ failed_prompts: 2, error: expect.stringContaining('No prompt succeeded') });
    expect((await results(id, 'failed'))[0]).toMatchObject({ response: null, error: { code: 'INFERENCE_ERROR' } });
    expect((await act(id, 'cancel')).status).toBe(200);
    await db.updateTable('worker.jobs').set({ model: FAST }).execute();
    expect((await act(id, 'retry')).status).toBe(200);
    expect(await waitForStatus(id, 'completed')).toMatchObject({ completed_prompts: 2, failed_prompts: 0, error: null });
    const again = await act(id, 'retry');
    expect([again.status, (await again.json()).error.code]).toEqual([409, 'CONFLICT']);
  });

  it('deletes only finished jobs', async () => {
    const { submit, call, waitForStatus } = running();
    const id = await idOf(await submit({ prompts: ['x'], model: ENDLESS }));
    expect((await call(`/${id}`, { method: 'DELETE' })).status).toBe(409);
    await call(`/${id}/cancel`, { method: 'POST' });
    await waitForStatus(id, 'cancelled');
    expect((await call(`/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await call(`/${id}`)).status).toBe(404);
  });

  it('returns 404 for unknown and malformed job ids', async () => {
    const { call } = stopped();
    for (const id of ['01a20ad0-a913-7191-8a23-763a9ac3ab81', 'x', '%27%20or%201=1', '..%2f..'])
      for (const [method, path] of [
        ['GET', ''],
        ['GET', '/items'],
        ['GET', '/results.jsonl'],
        ['GET', '/events'],
        ['POST', '/cancel'],
        ['POST', '/retry'],
        ['DELETE', ''],
      ] as const) {
        const response = await call(`/${id}${path}`, { method });
        expect([response.status, (await response.json()).error.code]).toEqual([404, 'JOB_NOT_FOUND']);
      }
  });

  it('rejects invalid queries', async () => {
    const { call, submit } = stopped();
    const id = await idOf(await submit({ prompts: ['x'] }));
    for (const path of [
      '?limit=0',
      '?limit=1000000',
      '?status=odd',
      '?q=nul%00',
      '?after=x',
      `/${id}/items?after=99999999999999999999`,
      `/${id}/items?status=odd`,
      `/${id}/results.jsonl?outcome=odd`,
      `/${id}/events?after=-1`,
    ])
      expect((await call(path)).status, path).toBe(422);
    for (const lastId of ['x', `${id}:x`, '01a20ad0-a913-7191-8a23-763a9ac3ab81:1'])
      expect((await call(`/${id}/events`, { headers: { 'last-event-id': lastId } })).status, lastId).toBe(422);
  });

  it('hides the jobs of other owners', async () => {
    const { client } = stopped();
    const [ada, bob] = [contextOf('ada'), contextOf('bob')];
    const options = { max_tokens: 5, temperature: 0, priority: 0, expires_in_hours: 1, name: 'secret plans' };
    const { job } = await client.create({ options, source: { type: 'prompts', prompts: ['x'] }, idempotencyKey: 'k' }, ada);
    const other = await client.create({ options, source: { type: 'prompts', prompts: ['x'] }, idempotencyKey: 'k' }, bob);
    expect(other.isReplay).toBe(false);
    const id = job.job_id;
    expect((await client.list({ limit: 10 }, bob)).jobs.map(({ job_id }) => job_id)).toEqual([other.job.job_id]);
    expect((await client.list({ limit: 10, q: id }, bob)).jobs).toEqual([]);
    for (const attempt of [
      () => client.get(id, bob),
      () => client.items(id, { limit: 10, after: -1 }, bob),
      () => client.results(id, { outcome: 'all' }, bob),
      () => client.events(id, undefined, bob),
      () => client.cancel(id, bob),
      () => client.retry(id, bob),
      () => client.remove(id, bob),
    ])
      await expect(attempt()).rejects.toMatchObject({ code: 'JOB_NOT_FOUND', status: 404 });
    expect((await client.get(id, ada)).status).toBe('pending');
  });

  it('does not expose database errors', async () => {
    const { submit, call, db } = await startJobsPlatform(topology, { isRunning: false });
    await idOf(await submit({ prompts: ['x'] }));
    await db.schema.alterTable('worker.jobs').renameTo('jobs_elsewhere').execute();
    const broken = await call('');
    expect([broken.status, await broken.text()]).toEqual([500, expect.not.stringMatching(/worker\.jobs|relation|pg/)]);
  });
});

describe.each(JOB_TOPOLOGIES)('job events, worker %s', (topology) => {
  const running = shareJobsPlatform(topology);

  const readEvents = async (response: Response, max = Number.POSITIVE_INFINITY) => {
    const events: { event: string; id: string; data: Record<string, unknown> }[] = [];
    let text = '';
    for await (const chunk of streamChunks(response.body as ReadableStream<Uint8Array>)) {
      text += Buffer.from(chunk).toString();
      const frames = text.split('\n\n');
      text = frames.pop() ?? '';
      for (const frame of frames) {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(frame)?.[1] ?? '';
        if (field('event') === '') continue;
        events.push({ event: field('event'), id: field('id'), data: JSON.parse(field('data')) });
        if (events.length >= max) return events;
      }
    }
    return events;
  };

  it('reports each item once and ends with the job', async () => {
    const { submit, call } = running();
    const id = await idOf(await submit({ prompts: Array(40).fill('x'), model: FAST }));
    const events = await readEvents(await call(`/${id}/events?after=0`));
    const indexes = events.filter(({ event }) => event === 'item').map(({ data }) => data.index);
    expect(new Set(indexes).size).toBe(40);
    expect(events.filter(({ event }) => event === 'job').at(-1)?.data.job).toMatchObject({ status: 'completed' });
    expect(events.at(-1)).toMatchObject({ event: 'end', data: { status: 'completed' } });
    expect(events.find(({ event }) => event === 'item')?.data).not.toHaveProperty('output');
  });

  it('resumes after Last-Event-ID without gaps or repeats', async () => {
    const { submit, call, waitForStatus } = running();
    const id = await idOf(await submit({ prompts: Array(60).fill('x'), model: FAST }));
    const seen: unknown[] = [];
    let lastId = `${id}:0`;
    for (let isOver = false; !isOver; ) {
      const events = await readEvents(await call(`/${id}/events`, { headers: { 'last-event-id': lastId } }), 7);
      seen.push(...events.filter(({ event }) => event === 'item').map(({ data }) => data.index));
      lastId = events.at(-1)?.id ?? lastId;
      isOver = events.some(({ event }) => event === 'end');
    }
    await waitForStatus(id, 'completed');
    expect(seen).toHaveLength(60);
    expect(new Set(seen).size).toBe(60);
  });

  it('sends the state and the end event of a finished job', async () => {
    const { submit, call, waitForStatus } = running();
    const id = await idOf(await submit({ prompts: ['x'], model: FAST }));
    await waitForStatus(id, 'completed');
    expect((await readEvents(await call(`/${id}/events`))).map(({ event }) => event)).toEqual(['job', 'end']);
  });
});

describe.each(JOB_TOPOLOGIES)('a download of results that breaks off, worker %s', (topology) => {
  it('continues until the whole file is there, byte for byte', async () => {
    const { upload, waitForStatus, call, client } = await startJobsPlatform(topology);
    const prompts = Array.from({ length: 450 }, (_, index) => JSON.stringify({ prompt: `é"\n${index}`, custom_id: `c${index}` }));
    const id = await idOf(await upload(prompts.join('\n'), 'application/jsonl', { model: FAST }));
    await waitForStatus(id, 'completed');
    const path = `/${id}/results.jsonl`;
    const response = await call(path);
    const tag = response.headers.get('etag') ?? '';
    const whole = Buffer.from(await response.arrayBuffer());
    expect((await call(path, { method: 'HEAD' })).headers.get('content-length')).toBe(String(whole.length));

    let received = Buffer.alloc(0);
    let requests = 0;
    while (received.length < whole.length) {
      const part = await call(path, { headers: { range: `bytes=${received.length}-`, 'if-range': tag } });
      expect(part.status).toBe(206);
      // Reads a part only, and closes the connection.
      const reader = (part.body as ReadableStream<Uint8Array>).getReader();
      const { value } = await reader.read();
      received = Buffer.concat([received, (value as Uint8Array).subarray(0, 20_001)]);
      await reader.cancel();
      requests += 1;
    }
    expect(received.equals(whole)).toBe(true);
    expect(requests).toBeGreaterThan(3);
    expect((await call(path, { headers: { range: `bytes=${whole.length}-`, 'if-range': tag } })).status).toBe(416);
    expect((await call(path, { headers: { 'if-none-match': tag } })).status).toBe(304);

    const { version } = await client.resultsInfo(id, { outcome: 'all', isMeasured: false }, contextOf('local'));
    const outdated = { outcome: 'all', version: (version ?? 0) - 1 } as const;
    await expect(client.results(id, outdated, contextOf('local'))).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});
