import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';

/** One HTTP response of a provider. */
export interface QuirkResponse {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  /** Bytes before the response, e.g. an informational response. */
  readonly before?: string;
  /** Sends the response after this many redirects to the same origin. */
  readonly redirects?: number;
}

export interface QuirkToolCall {
  readonly name: string;
  /** The arguments as JSON text. */
  readonly arguments: string;
}

/** A response that some provider sends and that deviates from OpenAI's API, with the response that clients must get. */
export interface VendorQuirk {
  readonly name: string;
  readonly stream: QuirkResponse;
  readonly whole: QuirkResponse;
  readonly text: string;
  readonly reasoning?: string;
  readonly toolCalls?: readonly QuirkToolCall[];
  /** Whether the usage must be reported as an estimate. */
  readonly estimated: boolean;
}

const SSE = { 'content-type': 'text/event-stream' };
const JSON_TYPE = { 'content-type': 'application/json' };
const TEXT = 'Hello world';
const USAGE = { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 };
const ENVELOPE = { id: 'chatcmpl-1', created: 1_700_000_000, model: 'm' };
const ROLE = { role: 'assistant', content: '' };

const frame = (body: unknown) => `data: ${JSON.stringify(body)}\n\n`;
const chunk = (delta: unknown, choice: object = {}, more: object = {}) => ({
  ...ENVELOPE,
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta, finish_reason: null, ...choice }],
  ...more,
});
const HELLO = [chunk(ROLE), chunk({ content: 'Hello' }), chunk({ content: ' world' })];
const STOP = chunk({}, { finish_reason: 'stop' });
const usageChunk = (usage: unknown) => ({ ...chunk({}), choices: [], usage });
const streamOf = (chunks: readonly unknown[], headers = SSE, end = 'data: [DONE]\n\n'): QuirkResponse => ({
  headers,
  body: chunks.map(frame).join('') + end,
});
const wholeOf = (choice: object = {}, more: object = {}): QuirkResponse => ({
  headers: JSON_TYPE,
  body: JSON.stringify({
    ...ENVELOPE,
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content: TEXT }, finish_reason: 'stop', ...choice }],
    usage: USAGE,
    ...more,
  }),
});

const STREAM = streamOf([...HELLO, STOP, usageChunk(USAGE)]);
const WHOLE = wholeOf();

function quirk(name: string, { stream = STREAM, whole = WHOLE, ...expected }: Partial<Omit<VendorQuirk, 'name'>>): VendorQuirk {
  return { name, stream, whole, text: TEXT, estimated: false, ...expected };
}

function usageQuirk(name: string, usage: unknown, estimated: boolean): VendorQuirk {
  const stream = streamOf([...HELLO, STOP, usageChunk(usage)]);
  return quirk(`usage: ${name}`, { stream, whole: wholeOf({}, { usage }), estimated });
}

const CALLS: readonly QuirkToolCall[] = [
  { name: 'get_weather', arguments: '{"city":"Bern"}' },
  { name: 'get_time', arguments: '{"tz":"CET"}' },
];

/** A response that consists of tool calls, each in a chunk of its own. */
function toolQuirk(name: string, calls: readonly object[], toolCalls: readonly QuirkToolCall[] = CALLS): VendorQuirk {
  const chunks = calls.map((call) => chunk({ tool_calls: [call] }));
  const end = chunk({}, { finish_reason: 'tool_calls' });
  const message = { role: 'assistant', content: null, tool_calls: calls };
  return quirk(`tool calls: ${name}`, {
    stream: streamOf([chunk({ ...ROLE, content: null }), ...chunks, end, usageChunk(USAGE)]),
    whole: wholeOf({ message, finish_reason: 'tool_calls' }),
    text: '',
    toolCalls,
  });
}

/** The same change of the body and headers for both responses. */
function transportQuirk(name: string, change: (response: QuirkResponse) => QuirkResponse): VendorQuirk {
  return quirk(`transport: ${name}`, { stream: change(STREAM), whole: change(WHOLE) });
}

const encoded = (name: string, encoding: string, encode: (body: string) => Buffer) =>
  transportQuirk(name, ({ headers, body }) => ({
    headers: { ...headers, 'content-encoding': encoding },
    body: encode(String(body)),
  }));
const unlabelled = (name: string, encode: (body: string) => Buffer) =>
  transportQuirk(`${name} without a label`, (response) => ({ ...response, body: encode(String(response.body)) }));
const redirected = (status: number, redirects: number) =>
  transportQuirk(`${redirects} redirects with ${status}`, (response) => ({ ...response, status, redirects }));
const informed = (name: string, before: string) => transportQuirk(name, (response) => ({ ...response, before }));

const [WEATHER, TIME] = ['{"city":"Bern"}', '{"tz":"CET"}'];
const call = (fields: object, name: string, args: unknown) => ({ ...fields, function: { name, arguments: args } });
const parts = (...content: unknown[]) => ({ role: 'assistant', content });

export const VENDOR_QUIRKS: readonly VendorQuirk[] = [
  usageQuirk('null', null, true),
  usageQuirk('null counts', { prompt_tokens: 5, completion_tokens: null, total_tokens: null }, true),
  usageQuirk('fractions', { prompt_tokens: 5, completion_tokens: 3.5, total_tokens: 8.5 }, true),
  usageQuirk('empty', {}, true),
  usageQuirk('negative', { prompt_tokens: -1, completion_tokens: -1, total_tokens: -2 }, true),
  usageQuirk('texts', { prompt_tokens: '5', completion_tokens: '3', total_tokens: '8' }, false),
  usageQuirk('without a total', { prompt_tokens: 5, completion_tokens: 3 }, false),
  usageQuirk('a list', [USAGE], true),
  usageQuirk('a text', 'unknown', true),
  usageQuirk('more than the database stores', { ...USAGE, completion_tokens: 1e15 }, true),
  usageQuirk(
    'null details',
    { ...USAGE, prompt_tokens_details: null, completion_tokens_details: { reasoning_tokens: null } },
    false,
  ),
  usageQuirk('malformed details', { ...USAGE, prompt_tokens_details: [], completion_tokens_details: 'none' }, true),

  quirk('choices: null', { stream: streamOf([...HELLO, STOP, { ...usageChunk(USAGE), choices: null }]) }),
  quirk('choices: missing', { stream: streamOf([...HELLO, STOP, { ...ENVELOPE, usage: USAGE }]) }),
  quirk('choices: without an index', {
    stream: streamOf([
      chunk(ROLE, { index: undefined }),
      chunk({ content: TEXT }, { index: null }),
      chunk({}, { index: '0', finish_reason: 'stop' }),
      usageChunk(USAGE),
    ]),
    whole: wholeOf({ index: null }),
  }),
  quirk('frames: null', { stream: streamOf([HELLO[0], HELLO[1], null, HELLO[2], STOP, usageChunk(USAGE)]) }),
  quirk('frames: keep-alives', {
    stream: streamOf([HELLO[0], {}, HELLO[1], { type: 'ping' }, HELLO[2], STOP, usageChunk(USAGE)]),
  }),
  quirk('frames: without an envelope', {
    stream: streamOf(
      [...HELLO, STOP, usageChunk(USAGE)].map(({ choices, ...rest }) => ({
        choices,
        usage: (rest as { usage?: unknown }).usage,
      })),
    ),
    whole: wholeOf({}, { id: undefined, object: undefined, created: null, model: '' }),
  }),
  quirk('frames: spaces around [DONE]', { stream: streamOf([...HELLO, STOP, usageChunk(USAGE)], SSE, 'data:  [DONE] \n\n') }),

  quirk('finish: null', { stream: streamOf([...HELLO, usageChunk(USAGE)]), whole: wholeOf({ finish_reason: null }) }),
  quirk('finish: empty', {
    stream: streamOf([
      ...HELLO.map((each) => ({ ...each, choices: [{ ...each.choices[0], finish_reason: '' }] })),
      usageChunk(USAGE),
    ]),
    whole: wholeOf({ finish_reason: '' }),
  }),
  quirk('finish: missing', {
    stream: streamOf([
      ...HELLO.map((each) => ({ ...each, choices: [{ index: 0, delta: each.choices[0]?.delta }] })),
      usageChunk(USAGE),
    ]),
    whole: wholeOf({ finish_reason: undefined }),
  }),
  quirk('finish: not a text', {
    stream: streamOf([...HELLO, chunk({}, { finish_reason: { type: 'stop' } }), usageChunk(USAGE)]),
    whole: wholeOf({ finish_reason: 0 }),
  }),

  quirk('content: thinking and text parts', {
    stream: streamOf([
      chunk(parts({ type: 'thinking', thinking: [{ type: 'text', text: 'Let me think.' }] })),
      chunk({ content: [{ type: 'text', text: 'Hello' }] }),
      chunk({ content: ' world' }),
      STOP,
      usageChunk(USAGE),
    ]),
    whole: wholeOf({
      message: parts({ type: 'thinking', thinking: [{ type: 'text', text: 'Let me think.' }] }, { type: 'text', text: TEXT }),
    }),
    reasoning: 'Let me think.',
  }),
  quirk('content: texts in a list', {
    stream: streamOf([chunk(parts('Hello')), chunk({ content: [' ', 'world'] }), STOP, usageChunk(USAGE)]),
    whole: wholeOf({ message: parts('Hello', ' world') }),
  }),
  quirk('content: one part', {
    stream: streamOf([chunk({ role: 'assistant', content: { type: 'text', text: TEXT } }), STOP, usageChunk(USAGE)]),
    whole: wholeOf({ message: { role: 'assistant', content: { type: 'text', text: TEXT } } }),
  }),
  quirk('content: a message for a delta, and a delta for a message', {
    stream: streamOf([
      { ...chunk({}), choices: [{ index: 0, message: { role: 'assistant', content: TEXT }, finish_reason: null }] },
      STOP,
      usageChunk(USAGE),
    ]),
    whole: wholeOf({ message: undefined, delta: { content: TEXT } }),
  }),

  quirk('reasoning: beside an empty reasoning_content', {
    stream: streamOf([
      chunk({ ...ROLE, reasoning: 'Let me', reasoning_content: '' }),
      chunk({ content: TEXT, reasoning_content: '' }),
      STOP,
      usageChunk(USAGE),
    ]),
    whole: wholeOf({ message: { role: 'assistant', content: TEXT, reasoning: 'Let me', reasoning_content: '' } }),
    reasoning: 'Let me',
  }),
  quirk('reasoning: details beside a null', {
    stream: streamOf([
      chunk({ ...ROLE, reasoning_content: null, reasoning_details: [{ type: 'reasoning.text', text: 'Let me' }] }),
      chunk({ content: TEXT }),
      STOP,
      usageChunk(USAGE),
    ]),
    whole: wholeOf({
      message: {
        role: 'assistant',
        content: TEXT,
        reasoning_content: null,
        reasoning_details: [{ type: 'reasoning.text', text: 'Let me' }],
      },
    }),
    reasoning: 'Let me',
  }),

  toolQuirk('null indexes', [
    call({ index: null, id: 'a' }, 'get_weather', WEATHER),
    call({ index: null, id: 'b' }, 'get_time', TIME),
  ]),
  toolQuirk('no indexes', [call({ id: 'a' }, 'get_weather', WEATHER), call({ id: 'b' }, 'get_time', TIME)]),
  toolQuirk('equal indexes', [
    call({ index: 0, id: 'a' }, 'get_weather', WEATHER),
    call({ index: 0, id: 'b' }, 'get_time', TIME),
  ]),
  toolQuirk('equal indexes without ids', [call({ index: 0 }, 'get_weather', WEATHER), call({ index: 0 }, 'get_time', TIME)]),
  toolQuirk('empty ids', [call({ index: 0, id: '' }, 'get_weather', WEATHER), call({ index: 1, id: null }, 'get_time', TIME)]),
  toolQuirk('arguments as objects', [
    call({ index: 0, id: 'a' }, 'get_weather', { city: 'Bern' }),
    call({ index: 1, id: 'b' }, 'get_time', { tz: 'CET' }),
  ]),
  toolQuirk('null arguments', [call({ index: 0, id: 'a' }, 'now', null)], [{ name: 'now', arguments: '{}' }]),
  toolQuirk('missing arguments', [{ index: 0, id: 'a', function: { name: 'now' } }], [{ name: 'now', arguments: '{}' }]),

  quirk('format: one body for a stream', { stream: WHOLE }),
  quirk('format: one body labelled as a stream', { stream: { ...WHOLE, headers: SSE } }),
  quirk('format: one body without a label', { stream: { body: WHOLE.body } }),
  quirk('format: a stream labelled as text', { stream: { ...STREAM, headers: { 'content-type': 'text/plain; charset=utf-8' } } }),
  quirk('format: a stream labelled as JSON', { stream: { ...STREAM, headers: JSON_TYPE } }),
  quirk('format: a stream without a label', { stream: { body: STREAM.body } }),
  quirk('format: a stream for one body', { whole: STREAM }),
  transportQuirk('a byte order mark', (response) => ({ ...response, body: `\ufeff${response.body}` })),
  transportQuirk('empty lines first', (response) => ({ ...response, body: `\r\n\n${response.body}` })),

  encoded('gzip', 'gzip', gzipSync),
  encoded('x-gzip', 'X-GZIP', gzipSync),
  encoded('deflate', 'deflate', deflateSync),
  encoded('deflate without a header', 'deflate', deflateRawSync),
  encoded('br', 'br', brotliCompressSync),
  encoded('zstd', 'zstd', zstdCompressSync),
  encoded('two encodings', 'gzip, br', (body) => brotliCompressSync(gzipSync(body))),
  unlabelled('gzip', gzipSync),
  unlabelled('zstd', zstdCompressSync),
  encoded('identity', 'identity', (body) => Buffer.from(body)),
  encoded('a label without an encoding', 'gzip', (body) => Buffer.from(body)),
  transportQuirk('201', (response) => ({ ...response, status: 201 })),
  transportQuirk('203', (response) => ({ ...response, status: 203 })),
  redirected(307, 1),
  redirected(308, 3),
  redirected(301, 2),
  informed('100 Continue', 'HTTP/1.1 100 Continue\r\n\r\n'),
  informed('103 Early Hints', 'HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n'),
  informed(
    'several informational responses',
    'HTTP/1.1 100 Continue\r\nx-a: b\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n',
  ),
  transportQuirk('large headers', ({ headers, body }) => ({
    headers: {
      ...headers,
      ...Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`x-large-${index}`, 'x'.repeat(4_000)])),
    },
    body,
  })),
];
