import { expect, it, vi } from 'vitest';
import {
  createJobFixture,
  droppedConnection,
  errorResponse,
  JOB_ID,
  jsonResponse,
  startFakeGateway,
} from './fake-gateway.test-support.ts';

const job = createJobFixture();

async function* bytesOf(...texts: string[]) {
  for (const text of texts) yield new TextEncoder().encode(text);
}

it('submits prompts with a random idempotency key', async () => {
  const { client, requests } = await startFakeGateway(jsonResponse(job, 202));
  expect(await client.jobs.submit({ prompts: ['a'] })).toEqual(job);
  await client.jobs.submit({ prompts: ['a'] });
  await client.jobs.submit({ prompts: ['a'] }, { idempotencyKey: 'mine' });
  const [first, second, third] = requests;
  expect(first).toMatchObject({ line: 'POST /api/v1/jobs', body: '{"prompts":["a"]}' });
  expect(first?.headers).toMatchObject({ authorization: 'Bearer a-key', 'content-type': 'application/json' });
  expect(first?.headers['idempotency-key']).toMatch(/^[0-9a-f]{32}$/);
  expect(second?.headers['idempotency-key']).not.toBe(first?.headers['idempotency-key']);
  expect(third?.headers['idempotency-key']).toBe('mine');
});

it.each([
  ['a Blob', new Blob(['"a"\n', '"b"\n'])],
  ['an async iterable', bytesOf('"a"\n', '"b"\n')],
  ['a stream', new Blob(['"a"\n"b"\n']).stream()],
])('submits %s as a file with its options in the query', async (_, bytes) => {
  const { client, requests } = await startFakeGateway(jsonResponse(job, 202));
  const options = { name: 'Ä & b', max_tokens: 5, temperature: 0, model: undefined };
  expect(await client.jobs.submitFile({ format: 'jsonl', bytes, options })).toEqual(job);
  expect(requests).toMatchObject([
    {
      line: 'POST /api/v1/jobs?name=%C3%84+%26+b&max_tokens=5&temperature=0',
      body: '"a"\n"b"\n',
      headers: { 'content-type': 'application/jsonl', 'idempotency-key': expect.any(String) },
    },
  ]);
});

it.each([
  ['a Blob', new Blob(['"a"\n', '"b"\n'])],
  ['an async iterable', bytesOf('"a"\n', '"b"\n')],
])('reports when the whole of %s has been sent, and not when it is aborted before', async (_, bytes) => {
  const { client, requests } = await startFakeGateway(jsonResponse(job, 202));
  let sent = 0;
  const onSent = () => {
    sent += 1;
  };
  expect(await client.jobs.submitFile({ format: 'jsonl', bytes, options: {}, onSent })).toEqual(job);
  expect([requests[0]?.body, sent]).toEqual(['"a"\n"b"\n', 1]);

  const controller = new AbortController();
  async function* aborted() {
    yield* bytesOf('"a"\n');
    controller.abort(new Error('stopped'));
    yield* bytesOf('"b"\n');
  }
  const submission = { format: 'jsonl', bytes: aborted(), options: {}, signal: controller.signal, onSent } as const;
  await expect(client.jobs.submitFile(submission)).rejects.toThrow('stopped');
  expect(sent).toBe(1);
});

it('retries with the same key after a connection failure and waits for the first attempt', async () => {
  const { client, requests } = await startFakeGateway(droppedConnection, errorResponse('CONFLICT', 409), jsonResponse(job, 202));
  expect(await client.jobs.submitFile({ format: 'txt', bytes: new Blob(['a']), options: {} })).toEqual(job);
  expect(requests.map(({ body }) => body)).toEqual(['a', 'a', 'a']);
  expect(new Set(requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
});

it('throws after the second connection failure', async () => {
  const { client, requests } = await startFakeGateway(droppedConnection);
  await expect(client.jobs.submit({ prompts: ['a'] })).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    message: 'The gateway cannot be reached.',
  });
  expect(requests).toHaveLength(2);
});

it('does not retry rejected requests, conflicts without a first attempt, or streamed bodies', async () => {
  for (const [code, status] of [
    ['VALIDATION_ERROR', 422],
    ['CONFLICT', 409],
    ['SERVICE_UNAVAILABLE', 503],
  ] as const) {
    const { client, requests } = await startFakeGateway(errorResponse(code, status));
    await expect(client.jobs.submit({ prompts: ['a'] })).rejects.toMatchObject({ code, message: 'Because.' });
    expect(requests).toHaveLength(1);
  }
  const { client, requests } = await startFakeGateway(droppedConnection);
  await expect(client.jobs.submitFile({ format: 'txt', bytes: bytesOf('a'), options: {} })).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
  });
  expect(requests).toHaveLength(1);
});

it('stops waiting for a retry when the signal aborts', async () => {
  const controller = new AbortController();
  const { client, requests } = await startFakeGateway(droppedConnection, (response) => {
    controller.abort(new Error('stopped'));
    response.destroy();
  });
  await expect(client.jobs.submit({ prompts: ['a'] }, { signal: controller.signal })).rejects.toThrow('stopped');
  expect(requests).toHaveLength(2);
});

it('sends pagination and filter parameters for jobs and items', async () => {
  const items = { items: [], next_after: null };
  const { client, requests } = await startFakeGateway(jsonResponse({ jobs: [job], next_after: JOB_ID }), jsonResponse(items));
  expect(await client.jobs.list({ limit: 2, status: 'failed', q: 'a b', after: undefined })).toEqual({
    jobs: [job],
    next_after: JOB_ID,
  });
  expect(await client.jobs.items(JOB_ID, { after: 9, status: 'failed' })).toEqual(items);
  expect(requests.map(({ line }) => line)).toEqual([
    'GET /api/v1/jobs?limit=2&status=failed&q=a+b',
    `GET /api/v1/jobs/${JOB_ID}/items?after=9&status=failed`,
  ]);
});

it('gets, cancels, retries and deletes a job', async () => {
  const { client, requests } = await startFakeGateway(jsonResponse(job), jsonResponse(job), jsonResponse(job), (response) =>
    response.writeHead(204).end(),
  );
  expect(await client.jobs.get(JOB_ID)).toEqual(job);
  expect(await client.jobs.cancel(JOB_ID)).toEqual(job);
  expect(await client.jobs.retry(JOB_ID)).toEqual(job);
  await client.jobs.remove('a/b');
  expect(requests.map(({ line }) => line)).toEqual([
    `GET /api/v1/jobs/${JOB_ID}`,
    `POST /api/v1/jobs/${JOB_ID}/cancel`,
    `POST /api/v1/jobs/${JOB_ID}/retry`,
    'DELETE /api/v1/jobs/a%2Fb',
  ]);
});

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of bytes) text += new TextDecoder().decode(chunk);
  return text;
}

it('yields results as they arrive and throws if they end early', async () => {
  const { client, requests } = await startFakeGateway(
    (response) => response.end('{}\n{}\n'),
    (response) => response.write('{}\n', () => response.destroy()),
  );
  expect(await textOf(client.jobs.results(JOB_ID, 'failed'))).toBe('{}\n{}\n');
  expect(requests[0]?.line).toBe(`GET /api/v1/jobs/${JOB_ID}/results.jsonl?outcome=failed`);
  await expect(textOf(client.jobs.results(JOB_ID))).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    message: 'The response ended before it was complete.',
  });
});

it('closes the connection when the consumer of the results exits the loop', async () => {
  let isClosed = false;
  const { client } = await startFakeGateway((response) => {
    response.on('close', () => {
      isClosed = true;
    });
    response.write('{}\n');
  });
  for await (const _ of client.jobs.results(JOB_ID)) break;
  await vi.waitFor(() => expect(isClosed).toBe(true));
});
