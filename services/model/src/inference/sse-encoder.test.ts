import type { ProviderEvent, RawChunk } from '@prodigon/ports';
import { describe, expect, it } from 'vitest';
import { createOpenAiChunkEncoder, createSseEncoder } from './sse-encoder.ts';

const USAGE = { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 };

/** Creates a chunk as a provider sends it. */
function raw(json: string, overrides: Partial<RawChunk> = {}): ProviderEvent {
  return { type: 'chunk', chunk: { json, usage: 'absent', hasChoices: true, hasRole: false, ...overrides } };
}

const OPENING = raw('{"id":"p-1","created":42,"model":"theirs","choices":[{"index":0,"delta":{"role":"assistant"}}],"x":1.0}', {
  hasRole: true,
});
// Re-encoding would change the spaces, the escape and the number.
const WORD = raw(
  '{ "id":"p-1","created":42,"model":"theirs", "choices":[{"index":0,"delta":{"content":"na\\u00efve"}}],"x":1e2}',
);
const USAGE_ONLY = raw('{"id":"p-1","choices":[],"usage":{"prompt_tokens":7}}', { usage: 'present', hasChoices: false });
const jsonOf = (event: ProviderEvent) => (event.type === 'chunk' ? event.chunk.json : '');
const frameOf = (event: ProviderEvent) => `data: ${jsonOf(event)}\n\n`;

function setUp(includeUsage = false) {
  return createOpenAiChunkEncoder({ id: 'chatcmpl-ours', model: 'ours', includeUsage });
}

function read(frames: string): Record<string, unknown>[] {
  return frames
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => JSON.parse(frame.replace(/^data: /, '')));
}

describe('chunks of an OpenAI-compatible provider', () => {
  it('passes chunks through byte for byte and does not encode their events again', () => {
    const frames = setUp().encode([OPENING, WORD, { type: 'text', text: 'naïve' }, { type: 'finish', reason: 'stop' }]);
    expect(frames).toBe(frameOf(OPENING) + frameOf(WORD));
  });

  it('passes chunks through byte for byte across batches', () => {
    const encoder = setUp();
    expect(encoder.encode([OPENING]) + encoder.encode([WORD]) + encoder.encode([WORD])).toBe(
      frameOf(OPENING) + frameOf(WORD) + frameOf(WORD),
    );
  });

  it.each([
    ['null at the end', 'null', '{"choices":[{"delta":{}}],"usage":null}', '{"choices":[{"delta":{}}]}'],
    ['null before others', 'null', '{"choices":[{"delta":{}}],"usage":null,"x":1e2}', '{"choices":[{"delta":{}}],"x":1e2}'],
    ['null at the beginning', 'null', '{"usage":null,"choices":[{"delta":{}}]}', '{"choices":[{"delta":{}}]}'],
    [
      'beside content',
      'present',
      '{"choices":[{"delta":{}}],"usage":{"prompt_tokens":7},"x":1}',
      '{"choices":[{"delta":{}}],"x":1}',
    ],
  ] as const)('removes usage that the client did not request: %s', (_case, usage, json, expected) => {
    const encoder = setUp();
    encoder.encode([OPENING]);
    expect(encoder.encode([raw(json, { usage })])).toBe(`data: ${expected}\n\n`);
  });

  it('drops the usage chunk when the client did not request it', () => {
    const encoder = setUp();
    expect(encoder.encode([OPENING, USAGE_ONLY, { type: 'usage', usage: USAGE }])).toBe(frameOf(OPENING));
    expect(encoder.finish({ usage: USAGE, estimated: false })).toBe('');
  });

  it('keeps every usage when the client requested it', () => {
    const encoder = setUp(true);
    const withNull = raw('{"choices":[{"delta":{}}],"usage":null}', { usage: 'null' });
    const frames = [OPENING, withNull, USAGE_ONLY];
    expect(encoder.encode(frames)).toBe(frames.map(frameOf).join(''));
    expect(encoder.finish({ usage: USAGE, estimated: false })).toBe('');
  });

  it('appends requested usage that the provider omits, with the id, time and model of the provider', () => {
    const encoder = setUp(true);
    encoder.encode([OPENING, WORD]);
    expect(read(encoder.finish({ usage: USAGE, estimated: false }))).toEqual([
      { id: 'p-1', object: 'chat.completion.chunk', created: 42, model: 'theirs', choices: [], usage: USAGE },
    ]);
  });

  it('prepends the role that the first chunk lacks, with the id, time and model of the provider', () => {
    const [opening, ...rest] = read(setUp().encode([WORD, WORD]));
    expect(opening).toMatchObject({ id: 'p-1', created: 42, model: 'theirs' });
    expect(opening?.choices).toEqual([
      { index: 0, delta: { role: 'assistant', content: '' }, logprobs: null, finish_reason: null },
    ]);
    expect(rest).toEqual([JSON.parse(jsonOf(WORD)), JSON.parse(jsonOf(WORD))]);
  });

  it('prepends the role even when the usage comes first', () => {
    const encoder = setUp();
    expect(encoder.encode([USAGE_ONLY])).toBe('');
    expect(read(encoder.encode([WORD]))[0]).toMatchObject({ choices: [{ delta: { role: 'assistant' } }] });
  });
});

describe('chunks of a provider with another format', () => {
  const delta = ({ choices }: Record<string, unknown>) => (choices as { delta: object }[])[0]?.delta;

  it('starts with the role, ends with the finish reason, and repeats id, time and model', () => {
    const chunks = read(
      setUp().encode([
        { type: 'reasoning', text: 'Hm.' },
        { type: 'text', text: 'Line\nbreak' },
        { type: 'finish', reason: 'stop' },
        { type: 'usage', usage: USAGE },
      ]),
    );
    expect(chunks.map(delta)).toEqual([
      { role: 'assistant', content: '' },
      { reasoning_content: 'Hm.' },
      { content: 'Line\nbreak' },
      {},
    ]);
    expect(chunks.at(-1)?.choices).toMatchObject([{ finish_reason: 'stop' }]);
    expect(new Set(chunks.map(({ id, object, created, model }) => JSON.stringify([id, object, created, model]))).size).toBe(1);
    expect(chunks[0]).toMatchObject({ id: 'chatcmpl-ours', object: 'chat.completion.chunk', model: 'ours' });
  });

  it('sends the role once across batches', () => {
    const encoder = setUp();
    const frames = encoder.encode([{ type: 'text', text: 'a' }]) + encoder.encode([{ type: 'text', text: 'b' }]);
    expect(frames.match(/"role"/g)).toHaveLength(1);
  });

  it('sends tool calls with id and name in the first delta', () => {
    const chunks = read(
      setUp().encode([
        { type: 'tool_call', index: 0, id: 'call_1', name: 'get_time', argumentsDelta: '' },
        { type: 'tool_call', index: 0, argumentsDelta: '{}' },
      ]),
    );
    expect(chunks.slice(1).map(delta)).toEqual([
      { tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'get_time', arguments: '' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '{}' } }] },
    ]);
  });

  it('ends with the usage only when the client requested it', () => {
    for (const includeUsage of [true, false]) {
      const encoder = setUp(includeUsage);
      encoder.encode([
        { type: 'finish', reason: 'stop' },
        { type: 'usage', usage: USAGE },
      ]);
      expect(read(encoder.finish({ usage: USAGE, estimated: false }))).toMatchObject(
        includeUsage ? [{ choices: [], usage: USAGE }] : [],
      );
    }
  });

  it('starts with the role even when the response is empty', () => {
    expect(read(setUp().encode([{ type: 'finish', reason: 'length' }])).map(delta)).toEqual([
      { role: 'assistant', content: '' },
      {},
    ]);
  });

  it('sends no frame for a usage event', () => {
    expect(setUp(true).encode([{ type: 'usage', usage: USAGE }])).toBe('');
  });

  it('sends the creation time in seconds', () => {
    const before = Math.floor(Date.now() / 1_000);
    const created = Number(read(setUp().encode([{ type: 'text', text: 'a' }]))[0]?.created);
    expect(created).toBeGreaterThanOrEqual(before);
    expect(created).toBeLessThanOrEqual(Date.now() / 1_000);
  });
});

describe('SSE encoder', () => {
  const REQUEST = { messages: [{ role: 'user' as const, content: 'Hi' }] };
  const BATCH: ProviderEvent[] = [
    { type: 'reasoning', text: 'Hm.' },
    { type: 'text', text: 'Line\nbreak' },
    { type: 'tool_call', index: 1, id: 'call_1', name: 'get_time', argumentsDelta: '{' },
    { type: 'tool_call', index: 1, argumentsDelta: '}' },
    { type: 'finish', reason: 'stop' },
    { type: 'usage', usage: USAGE },
  ];

  it('encodes only the text in the tokens format', () => {
    const encoder = createSseEncoder(REQUEST, 'm', { format: 'tokens', generationId: 'gen_1' });
    expect(encoder.encode(BATCH)).toBe('data: "Line\\nbreak"\n\n');
    expect([encoder.finish({ usage: USAGE, estimated: false }), encoder.sequence]).toEqual(['', 0]);
  });

  it('encodes every content event in the events format, numbered from 1 over all batches', () => {
    const encoder = createSseEncoder(REQUEST, 'm', { format: 'events', generationId: 'gen_1' });
    const frames = encoder.encode(BATCH).split('\n\n').slice(0, -1);
    expect(frames.map((frame) => frame.split('\n').sort())).toEqual([
      ['data: "Hm."', 'event: reasoning', 'id: gen_1:1'],
      ['data: "Line\\nbreak"', 'event: token', 'id: gen_1:2'],
      ['data: {"index":1,"id":"call_1","name":"get_time","arguments_delta":"{"}', 'event: tool_call', 'id: gen_1:3'],
      ['data: {"index":1,"arguments_delta":"}"}', 'event: tool_call', 'id: gen_1:4'],
    ]);
    expect(encoder.encode([{ type: 'text', text: 'more' }])).toContain('id: gen_1:5');
    expect([encoder.finish({ usage: USAGE, estimated: false }), encoder.sequence]).toEqual(['', 5]);
  });

  it('encodes a refusal as text for clients that read text, and omits what they cannot read', () => {
    const batch: ProviderEvent[] = [
      { type: 'text', text: '', logprobs: [{ token: '' }] },
      { type: 'refusal', text: 'No.' },
      { type: 'annotation', annotation: { type: 'url_citation' } },
    ];
    const encode = (format: 'tokens' | 'events' | 'chunks') =>
      createSseEncoder(REQUEST, 'm', { format, generationId: 'g' }).encode(batch);
    expect(encode('tokens')).toBe('data: "No."\n\n');
    expect(encode('events').split('\n').sort().filter(Boolean)).toEqual(['data: "No."', 'event: token', 'id: g:1']);
    expect(encode('chunks')).toContain('{"refusal":"No."}');
  });

  it('encodes the content events themselves in the content format', () => {
    const encoder = createSseEncoder(REQUEST, 'm', { format: 'content', generationId: 'g' });
    const content = BATCH.filter(({ type }) => type !== 'finish' && type !== 'usage' && type !== 'chunk');
    expect(encoder.encode(BATCH)).toBe(content.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));
  });

  it('encodes OpenAI chunks in the chunks format, with the usage when the client requested it', () => {
    for (const include_usage of [true, false]) {
      const request = { ...REQUEST, stream_options: { include_usage } };
      const encoder = createSseEncoder(request, 'm', { format: 'chunks', generationId: 'gen_1' });
      expect(read(encoder.encode([{ type: 'text', text: 'a' }]))[1]).toMatchObject({
        id: 'gen_1',
        model: 'm',
        choices: [{ delta: { content: 'a' } }],
      });
      expect(encoder.finish({ usage: USAGE, estimated: false }) !== '').toBe(include_usage);
      expect(encoder.sequence).toBe(0);
    }
  });
});
