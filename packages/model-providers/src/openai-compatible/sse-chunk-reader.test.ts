import type { ProviderEvent } from '@prodigon/ports';
import { describe, expect, it } from 'vitest';
import { createChunkReader } from './sse-chunk-reader.ts';

const frame = (delta: object, finish_reason: string | null = null) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
const STREAM = [
  ': a comment\n\n',
  frame({ role: 'assistant', content: '' }),
  frame({ reasoning_content: 'Hm — ' }),
  frame({ content: 'line\n\nbreak 👩‍🚀 \u2028' }),
  frame({ tool_calls: [{ index: 1, id: 'call_1', function: { name: 'look', arguments: '{"a' } }] }),
  frame({ tool_calls: [{ index: 1, function: { arguments: '":1}' } }] }),
  'data: {"choices":[]}\n\n',
  frame({}, 'tool_calls'),
  'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}\n\n',
  'data: [DONE]\n\n',
].join('');
const EVENTS: ProviderEvent[] = [
  { type: 'reasoning', text: 'Hm — ' },
  { type: 'text', text: 'line\n\nbreak 👩‍🚀 \u2028' },
  { type: 'tool_call', index: 0, id: 'call_1', name: 'look', argumentsDelta: '{"a' },
  { type: 'tool_call', index: 0, argumentsDelta: '":1}' },
  { type: 'finish', reason: 'tool_calls' },
  { type: 'usage', usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } },
];

function read(...parts: Uint8Array[]) {
  const reader = createChunkReader({ id: 'chatcmpl-1', created: 7, model: 'm' });
  const all = parts.flatMap((part) => reader.read(part));
  const events = all.filter(({ type }) => type !== 'chunk');
  return { events, isDone: reader.isDone, failure: reader.failure };
}

describe("a provider's stream", () => {
  it.each([
    ['unchanged', STREAM],
    ['with CRLF', STREAM.replaceAll('\n', '\r\n')],
    ['without the space after data:', STREAM.replaceAll(/^data: /gm, 'data:')],
  ])('yields the same events for every split in two: %s', (_case, text) => {
    const bytes = Buffer.from(text);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { events, isDone, failure } = read(bytes.subarray(0, cut), bytes.subarray(cut));
      expect({ cut, events, isDone, failure }).toEqual({ cut, events: EVENTS, isDone: true, failure: undefined });
    }
  });

  it('yields the same events byte by byte', () => {
    expect(read(...[...Buffer.from(STREAM)].map((byte) => Buffer.from([byte]))).events).toEqual(EVENTS);
  });

  it('yields refusals, annotations and log probabilities, and tokens without text', () => {
    const header = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 7, model: 'm' };
    const token = (text: string) => ({ token: text, logprob: -1, bytes: [], top_logprobs: [] });
    const chunk = (delta: object, logprobs: object | null = null) =>
      `data: ${JSON.stringify({ ...header, choices: [{ index: 0, delta, logprobs, finish_reason: null }] })}\n\n`;
    const citation = { type: 'url_citation', url_citation: { url: 'https://example.org' } };
    const chunks = [
      chunk({ role: 'assistant', content: '' }),
      chunk({ content: 'a' }, { content: [token('a')] }),
      chunk({ content: 'a' }, { content: [token('a')] }),
      chunk({ content: '' }, { content: [token('')] }),
      chunk({ content: 'b' }),
      chunk({ content: 'c' }),
      chunk({ annotations: [citation] }),
      chunk({ refusal: 'No' }),
    ];
    expect(read(Buffer.from(chunks.join(''))).events).toEqual([
      { type: 'text', text: 'a', logprobs: [token('a')] },
      { type: 'text', text: 'a', logprobs: [token('a')] },
      { type: 'text', text: '', logprobs: [token('')] },
      { type: 'text', text: 'b' },
      { type: 'text', text: 'c' },
      { type: 'annotation', annotation: citation },
      { type: 'refusal', text: 'No' },
    ]);
  });

  it('forwards the calls of custom tools of OpenAI unchanged', () => {
    const delta = { tool_calls: [{ index: 0, id: 'call_1', type: 'custom', custom: { name: 'exec', input: 'x' } }] };
    const reader = createChunkReader({ id: 'chatcmpl-1', created: 7, model: 'm' });
    const [event] = reader.read(Buffer.from(frame(delta)));
    expect(event?.type === 'chunk' && JSON.parse(event.chunk.json).choices[0].delta).toEqual(delta);
  });

  it('ignores a second choice, which would be mixed into the first response', () => {
    const other = 'data: {"choices":[{"index":1,"delta":{"content":"no"}}]}\n\n';
    expect(read(Buffer.from(other)).events).toEqual([]);
  });

  it.each([
    ['that is not JSON', 'data: {"choices": [}\n\n'],
    ['of an unexpected shape', 'data: {"choices": "none"}\n\n'],
    ['with an error in it', 'data: {"error":{"message":"overloaded"}}\n\n'],
    ['that never ends', `data: "${'x'.repeat(2 << 20)}`],
  ])('fails at a frame %s and keeps the events before it', (_case, bad) => {
    const { events, failure } = read(Buffer.from(frame({ content: 'kept' }) + bad + frame({ content: 'dropped' })));
    expect(events).toEqual([{ type: 'text', text: 'kept' }]);
    expect(failure).toMatchObject({ code: 'INFERENCE_ERROR' });
  });
});
