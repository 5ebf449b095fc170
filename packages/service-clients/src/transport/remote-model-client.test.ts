import { AppError } from '@prodigon/contracts';
import {
  encodeOutcome,
  encodeResponseMetadata,
  encodeResponseSummary,
  INTERNAL_HEADERS,
  OUTCOME_TRAILER,
} from '@prodigon/platform';
import type { CallContext, GenerationOutcome, ResponseMetadata } from '@prodigon/ports';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { CANCELLED, createContext, createFakeTransport, type FakeResponse } from './fake-transport.test-support.ts';
import { createRemoteModelClient } from './remote-model-client.ts';

const METADATA: ResponseMetadata = { model: 'm', provider: 'p', attempts: [], warning: null, rateLimits: null };
const USAGE = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
const OUTCOME: GenerationOutcome = {
  status: 'completed',
  finish: 'stop',
  usage: USAGE,
  estimated: false,
  costUsd: 0.5,
  timings: { ttftMs: 1, totalMs: 2 },
  sequence: 3,
};
const request = { messages: [{ role: 'user' as const, content: '12345678' }] };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
});

function setUp(response: FakeResponse) {
  const transport = createFakeTransport(response);
  return { transport, client: createRemoteModelClient({ transport, internalToken: 'token' }) };
}

const unary = (body: string, fields: object = {}) =>
  setUp({
    headers: {
      [INTERNAL_HEADERS.metadata]: encodeResponseSummary({
        ...METADATA,
        usage: USAGE,
        estimated: true,
        costUsd: null,
        body,
        ...fields,
      }),
    },
    chunks: [body],
  });

describe('a unary response of the model service', () => {
  it('passes its body unchanged, with its text and its summary', async () => {
    const body = '{"choices":[{"message":{"content":"Hi"}}]}';
    const { client, transport } = unary(body, { finish: 'length' });
    const completion = await client.complete(request, createContext());
    expect(completion).toMatchObject({ ...METADATA, body, finish: 'length', usage: USAGE, estimated: true, costUsd: null });
    expect(completion.text).toBe('Hi');
    expect(transport.requests).toMatchObject([
      { method: 'POST', path: '/internal/v1/chat', body: JSON.stringify(request), isUnary: true, isRetryable: true },
    ]);
  });

  it.each(['{}', '{"choices":[]}', '{"choices":[{"message":{"content":null}}]}', '{"choices":[{}]}'])(
    'has an empty text and the finish reason stop for the body %s',
    async (body) => {
      const { text, finish } = await unary(body).client.complete(request, createContext());
      expect([text, finish]).toEqual(['', 'stop']);
    },
  );

  it('has the refusal as its text when there is no other', async () => {
    const message = { content: null, refusal: 'No.' };
    const { text } = await unary(JSON.stringify({ choices: [{ message }] })).client.complete(request, createContext());
    expect(text).toBe('No.');
  });

  it('passes embeddings unchanged', async () => {
    const { client, transport } = unary('{"data":[]}');
    const embeddings = await client.embed({ input: 'a', encoding_format: 'float' }, createContext());
    expect(embeddings).toMatchObject({ ...METADATA, usage: USAGE, body: '{"data":[]}' });
    expect(transport.requests).toMatchObject([{ path: '/internal/v1/embeddings', isUnary: true }]);
  });
});

describe('a streamed response of the model service', () => {
  async function stream(response: FakeResponse, context: CallContext = createContext()) {
    const { client, transport } = setUp({
      ...response,
      headers: { [INTERNAL_HEADERS.metadata]: encodeResponseMetadata(METADATA) },
    });
    const streaming = client.stream(request, context, { format: 'events', generationId: 'g' });
    vi.advanceTimersByTime(10);
    return { stream: await streaming, transport };
  }
  const read = async (bytes: AsyncIterable<Uint8Array>) => {
    let text = '';
    for await (const chunk of bytes) text += Buffer.from(chunk).toString();
    return text;
  };
  const trailers = { [OUTCOME_TRAILER]: encodeOutcome(OUTCOME) };

  it('passes its frames and the outcome of its trailer', async () => {
    const { stream: received, transport } = await stream({ chunks: ['data: 1\n', '\ndata: 2\n\n'], trailers });
    expect(received).toMatchObject(METADATA);
    expect(await read(received.bytes())).toBe('data: 1\n\ndata: 2\n\n');
    expect(await received.outcome).toEqual({ ...OUTCOME, error: undefined });
    expect(transport.requests).toMatchObject([
      {
        path: '/internal/v1/chat/stream',
        headers: { [INTERNAL_HEADERS.streamFormat]: 'events', [INTERNAL_HEADERS.generationId]: 'g' },
        isRetryable: true,
      },
    ]);
    expect(transport.requests[0]?.isUnary).toBeUndefined();
  });

  it('throws the error of its outcome after its frames', async () => {
    const error = new AppError('INFERENCE_ERROR', 'It failed.');
    const failed = { [OUTCOME_TRAILER]: encodeOutcome({ ...OUTCOME, status: 'failed', error }) };
    const { stream: received } = await stream({ chunks: ['data: 1\n\n'], trailers: failed });
    await expect(read(received.bytes())).rejects.toMatchObject({ code: 'INFERENCE_ERROR', message: 'It failed.' });
  });

  it.each([
    ['its body breaks', { bodyError: new Error('reset') }],
    ['it has no trailer', {}],
  ])('estimates its usage when %s, with one token for each 80 bytes', async (_case, end) => {
    const frames = `data: ${'x'.repeat(152)}\n\n`;
    const { stream: received } = await stream({ chunks: [frames], ...end });
    vi.advanceTimersByTime(15);
    await expect(read(received.bytes())).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      message: 'The model service ended the response before it was complete.',
    });
    expect(await received.outcome).toMatchObject({
      status: 'failed',
      finish: null,
      usage: { prompt_tokens: 2, completion_tokens: 2, total_tokens: 4 },
      estimated: true,
      costUsd: null,
      timings: { ttftMs: 10, totalMs: 25 },
      sequence: 0,
      error: { code: 'SERVICE_UNAVAILABLE' },
    });
  });

  it('is cancelled when its reader stops early, even if the trailer has arrived', async () => {
    const { stream: received } = await stream({ chunks: ['data: 1\n\n', 'data: 2\n\n'], trailers });
    for await (const _ of received.bytes()) break;
    expect(await received.outcome).toMatchObject({ status: 'cancelled', estimated: true, error: { code: 'CANCELLED' } });
  });

  it('is cancelled with the reason of the signal when the client disconnects', async () => {
    const client = new AbortController();
    const response = { chunks: ['data: 1\n\n'], bodyError: new Error('aborted') };
    const { stream: received } = await stream(response, createContext({ signal: client.signal }));
    client.abort(CANCELLED);
    await expect(read(received.bytes())).rejects.toBe(CANCELLED);
    expect(await received.outcome).toMatchObject({ status: 'cancelled', error: CANCELLED });
  });

  it('yields the content events in its frames', async () => {
    const content = [
      { type: 'reasoning', text: 'Hm' },
      { type: 'text', text: 'Hi\n\n👩‍🚀', logprobs: [{ token: 'Hi', logprob: -1 }] },
      { type: 'refusal', text: 'No' },
      { type: 'annotation', annotation: { type: 'url_citation' } },
      { type: 'tool_call', index: 0, id: 'c', name: 'f', argumentsDelta: '{}' },
    ];
    const { stream: received } = await stream({ chunks: content.map((event) => `data: ${JSON.stringify(event)}\n\n`), trailers });
    const events: unknown[] = [];
    for await (const event of received.events()) events.push(event);
    expect(events).toEqual(content);
  });
});

it('requests the usage of a selection', async () => {
  const report = { from: '2026-03-01', to: '2026-03-02', rows: [], totals: {} };
  const { client, transport } = setUp({ chunks: [JSON.stringify(report)] });
  await expect(
    client.usage(
      { from: '2026-03-01', to: '2026-03-02', unit: 'day', time_zone: 'UTC', owner: '*', key: undefined },
      createContext(),
    ),
  ).rejects.toThrow();
  expect(transport.requests).toMatchObject([
    { method: 'GET', path: '/internal/v1/usage?from=2026-03-01&to=2026-03-02&unit=day&time_zone=UTC&owner=*' },
  ]);
});
