import type { Fault, FaultRequest } from './fault.ts';
import { framesOf, type Reply, SSE, sendReply } from './openai-response.ts';

const unusual = (description: string, reply: (request: FaultRequest) => Reply): Fault => ({
  description,
  expected: { status: 200 },
  answer: (request) => sendReply(request, reply(request)),
});

/** Frames of a healthy stream, changed; without streaming there is nothing to change. */
const framed = (description: string, change: (frames: string[]) => string | Buffer[]): Fault => ({
  description,
  expected: { status: 200 },
  answer: (request) => {
    if (!request.stream) return sendReply(request);
    const changed = change(framesOf(request));
    request.response.writeHead(200, SSE);
    for (const bytes of typeof changed === 'string' ? [changed] : changed) request.response.write(bytes);
    request.response.end();
  },
});

const reasoningAs = (field: string) => (request: FaultRequest) => ({
  deltas: [{ [field]: 'Let me ' }, { [field]: 'think.' }, ...request.words.map((content) => ({ content }))],
  message: { [field]: 'Let me think.', content: request.words.join('') },
});

const TOOL_CALLS = [
  { id: 'call_weather', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Zürich","days":2}' } },
  { id: 'call_time', type: 'function', function: { name: 'get_time', arguments: '{"zone":"Europe/Zurich"}' } },
];
const [WEATHER, TIME] = TOOL_CALLS as [(typeof TOOL_CALLS)[number], (typeof TOOL_CALLS)[number]];

const begun = (index: number, call: (typeof TOOL_CALLS)[number]) => ({
  tool_calls: [{ index, ...call, function: { ...call.function, arguments: '' } }],
});
const continued = (index: number, text: string) => ({ tool_calls: [{ index, function: { arguments: text } }] });

const toolCalls = (): Reply => ({
  deltas: [
    begun(0, WEATHER),
    continued(0, WEATHER.function.arguments.slice(0, 11)),
    begun(1, TIME),
    continued(1, TIME.function.arguments.slice(0, 3)),
    continued(0, WEATHER.function.arguments.slice(11)),
    continued(1, TIME.function.arguments.slice(3)),
  ],
  message: { content: null, tool_calls: TOOL_CALLS },
  finish: 'tool_calls',
});

/** As OpenAI and Groq send them: durations are written `1s`, `6m0s`, `7.66s`. */
const RATE_LIMITS = {
  'x-ratelimit-limit-requests': '14400',
  'x-ratelimit-limit-tokens': '18000',
  'x-ratelimit-remaining-requests': '14370',
  'x-ratelimit-remaining-tokens': '17997',
  'x-ratelimit-reset-requests': '2m59.56s',
  'x-ratelimit-reset-tokens': '7.66s',
};

/** Answers that are right, though many a client breaks on them. */
export const UNUSUAL_ANSWERS: Record<string, Fault> = {
  healthy: unusual('Answers as it should', () => ({})),
  float_only: unusual('Sends embeddings as arrays of numbers even when asked for base64', () => ({})),
  split_utf8: framed('Cuts its bytes one by one, emoji included', (frames) =>
    [...Buffer.from(frames.join(''))].map((byte) => Buffer.from([byte])),
  ),
  odd_framing: framed('Comments, CRLF, no space after `data:` and empty choices between its tokens', (frames) => {
    const odd = frames
      .join('')
      .replace(/^data: /gm, 'data:')
      .replaceAll('\n', '\r\n');
    return `: hello\r\n\r\ndata:{"choices":[]}\r\n\r\n${odd}`;
  }),
  comment_frames: framed('Sends comments before, between and after its tokens', (frames) =>
    frames.map((each) => `: still at work\n\n${each}`).join(''),
  ),
  choices_empty: framed('Sends chunks with no choices before, between and after its tokens', (frames) =>
    frames.map((each) => `data: {"id":"chatcmpl-fault","object":"chat.completion.chunk","choices":[]}\n\n${each}`).join(''),
  ),
  no_usage: unusual('Does not report usage', () => ({ usage: null })),
  usage_null: unusual('Has `usage: null` in each chunk but the last, as OpenAI sends it', () => ({
    everyChunk: { usage: null },
  })),
  tool_calls: unusual('Calls two tools, with interleaved arguments', toolCalls),
  reasoning: unusual('Thinks first, in `reasoning_content`', reasoningAs('reasoning_content')),
  reasoning_groq: unusual('Thinks first, in `reasoning`, as Groq sends it', reasoningAs('reasoning')),
  ratelimit_headers: unusual('Reports its rate limits in its headers', () => ({ headers: RATE_LIMITS })),
};
