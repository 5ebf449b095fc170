import { expect, it } from 'vitest';
import { downloadWithResume } from './download-with-resume.ts';
import { droppedConnection, errorResponse, type FakeResponse, startFakeGateway } from './fake-gateway.test-support.ts';
import { createHttpClient } from './http-client.ts';

const FILE = '{"index":0}\n{"index":1}\n';
const TAG = '"v1"';

/** Sends a part of the file, then closes the connection before `length` bytes. */
const send =
  (first: number, last: number, { status = 206, tag = TAG } = {}): FakeResponse =>
  (response) => {
    const rest = FILE.length - (status === 206 ? first : 0);
    response.writeHead(status, { ...(tag && { etag: tag }), 'content-length': rest });
    response.write(FILE.slice(first, last), () => (last === FILE.length ? response.end() : response.destroy()));
  };
const whole = { status: 200 };

async function download(...responses: FakeResponse[]) {
  const { baseUrl, requests } = await startFakeGateway(...responses);
  const http = createHttpClient({ baseUrl });
  const delays: number[] = [];
  const wait = async (ms: number) => void delays.push(ms);
  let received = '';
  const reading = (async () => {
    for await (const chunk of downloadWithResume(http, '/file', { sleep: wait })) received += Buffer.from(chunk).toString();
  })();
  const failure = await reading.catch((error: unknown) => error);
  return { received, failure, delays, headers: requests.map(({ headers }) => [headers.range, headers['if-range']]) };
}

it('downloads a file with one request', async () => {
  expect(await download(send(0, FILE.length, whole))).toEqual({
    received: FILE,
    failure: undefined,
    delays: [],
    headers: [[undefined, undefined]],
  });
});

it('continues after each interruption, and after a connection that fails', async () => {
  const { received, failure, headers, delays } = await download(
    send(0, 5, whole),
    droppedConnection,
    send(5, 13),
    send(13, FILE.length),
  );
  expect([received, failure]).toEqual([FILE, undefined]);
  expect(headers).toEqual([
    [undefined, undefined],
    ['bytes=5-', TAG],
    ['bytes=5-', TAG],
    ['bytes=13-', TAG],
  ]);
  // A byte that arrives resets the delay.
  expect(delays).toEqual([250, 500, 250]);
});

it.each([
  ['has no entity tag', [send(0, 5, { status: 200, tag: '' })], 1],
  ['has changed', [send(0, 5, whole), send(0, FILE.length, { status: 200, tag: '"v2"' })], 2],
  ['cannot be reached again', [send(0, 5, whole), droppedConnection], 6],
] as const)('throws the error of the connection when the file %s', async (_case, responses, requests) => {
  const { received, failure, headers } = await download(...responses);
  expect([received, headers.length]).toEqual([FILE.slice(0, 5), requests]);
  expect(failure).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
});

it('ends when only the end of the response was missing', async () => {
  const cutAtEnd: FakeResponse = (response) => {
    response.writeHead(200, { etag: TAG });
    response.write(FILE, () => response.destroy());
  };
  const { received, failure } = await download(cutAtEnd, errorResponse('RANGE_NOT_SATISFIABLE', 416));
  expect([received, failure]).toEqual([FILE, undefined]);
});

it('throws an error that the gateway sends', async () => {
  const { failure } = await download(send(0, 5, whole), errorResponse('JOB_NOT_FOUND', 404));
  expect(failure).toMatchObject({ code: 'JOB_NOT_FOUND' });
});

it('stops when the consumer exits the loop, and when the signal aborts', async () => {
  const { baseUrl } = await startFakeGateway(send(0, 5, whole));
  const http = createHttpClient({ baseUrl });
  for await (const _ of downloadWithResume(http, '/file')) break;
  const controller = new AbortController();
  const reading = (async () => {
    for await (const _ of downloadWithResume(http, '/file', {
      signal: controller.signal,
      sleep: async () => controller.abort(),
    }));
  })();
  await expect(reading).rejects.toThrow('abort');
});
