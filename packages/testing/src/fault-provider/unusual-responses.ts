import { recordedResponse } from '../recorded-responses/index.ts';
import type { Fault, FaultRequest } from './fault.ts';
import { framesOf, type ResponseOverrides, replay, SSE, sendCompletion } from './openai-response.ts';

const unusual = (description: string, overrides: (request: FaultRequest) => ResponseOverrides): Fault => ({
  description,
  expected: { status: 200 },
  respond: (request) => sendCompletion(request, overrides(request)),
});

/** Changes the frames of a healthy stream. Unary responses stay unchanged. */
const reframed = (description: string, change: (frames: string[]) => string | Buffer[]): Fault => ({
  description,
  expected: { status: 200 },
  respond: (request) => {
    if (!request.stream) return sendCompletion(request);
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

const toolCallStart = (index: number, call: (typeof TOOL_CALLS)[number]) => ({
  tool_calls: [{ index, ...call, function: { ...call.function, arguments: '' } }],
});
const toolCallDelta = (index: number, text: string) => ({ tool_calls: [{ index, function: { arguments: text } }] });

const toolCalls = (): ResponseOverrides => ({
  deltas: [
    toolCallStart(0, WEATHER),
    toolCallDelta(0, WEATHER.function.arguments.slice(0, 11)),
    toolCallStart(1, TIME),
    toolCallDelta(1, TIME.function.arguments.slice(0, 3)),
    toolCallDelta(0, WEATHER.function.arguments.slice(11)),
    toolCallDelta(1, TIME.function.arguments.slice(3)),
  ],
  message: { content: null, tool_calls: TOOL_CALLS },
  finish: 'tool_calls',
});

/** Headers as OpenAI and Groq send them. Durations have the form `1s`, `6m0s` or `7.66s`. */
const RATE_LIMITS = {
  'x-ratelimit-limit-requests': '14400',
  'x-ratelimit-limit-tokens': '18000',
  'x-ratelimit-remaining-requests': '14370',
  'x-ratelimit-remaining-tokens': '17997',
  'x-ratelimit-reset-requests': '2m59.56s',
  'x-ratelimit-reset-tokens': '7.66s',
};

/** Valid responses that many clients fail to read. */
export const UNUSUAL_RESPONSES: Record<string, Fault> = {
  missing_finish: unusual('Sends all tokens, the usage and [DONE], but no finish reason', () => ({ finish: null })),
  wrong_usage: unusual('Reports invalid usage: a negative number, a string and null', () => ({
    usage: { prompt_tokens: -7, completion_tokens: 'eight', total_tokens: null },
  })),
  healthy: unusual('Responds correctly', () => ({})),
  float_only: unusual('Sends embeddings as arrays of numbers even if the client requests base64', () => ({})),
  split_utf8: reframed('Sends every byte separately, even within emoji', (frames) =>
    [...Buffer.from(frames.join(''))].map((byte) => Buffer.from([byte])),
  ),
  odd_framing: reframed('Sends comments, CRLF, no space after `data:` and empty choices', (frames) => {
    const odd = frames
      .join('')
      .replace(/^data: /gm, 'data:')
      .replaceAll('\n', '\r\n');
    return `: hello\r\n\r\ndata:{"choices":[]}\r\n\r\n${odd}`;
  }),
  comment_frames: reframed('Sends comments before, between and after the tokens', (frames) =>
    frames.map((frame) => `: still at work\n\n${frame}`).join(''),
  ),
  choices_empty: reframed('Sends chunks without choices before, between and after the tokens', (frames) =>
    frames.map((frame) => `data: {"id":"chatcmpl-fault","object":"chat.completion.chunk","choices":[]}\n\n${frame}`).join(''),
  ),
  no_usage: unusual('Does not report usage', () => ({ usage: null })),
  usage_null: unusual('Sends `usage: null` in each chunk but the last, as OpenAI does', () => ({
    chunkFields: { usage: null },
  })),
  tool_calls: unusual('Calls two tools, with interleaved arguments', toolCalls),
  reasoning: unusual('Sends reasoning in `reasoning_content`', reasoningAs('reasoning_content')),
  reasoning_groq: unusual('Sends reasoning in `reasoning`, as Groq does', reasoningAs('reasoning')),
  fixed_options: {
    description: 'Refuses a temperature and `max_tokens`, as the reasoning models of OpenAI do',
    expected: { status: 200 },
    respond: (request) => {
      if ('temperature' in request.body) replay(recordedResponse('openai-error-temperature'), request);
      else if ('max_tokens' in request.body) replay(recordedResponse('openai-error-400'), request);
      else sendCompletion(request);
    },
  },
  ratelimit_headers: unusual('Reports its rate limits in the headers', () => ({ headers: RATE_LIMITS })),
};
