import type { ProviderEvent, RawChunk } from '@prodigon/ports';
import { describe, expect, it } from 'vitest';
import { createChunkEncoder } from './openai-chunk-encoder.ts';

const USAGE = { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 };

/** A chunk as a provider sent it, and what it tells. */
function raw(json: string, about: Partial<RawChunk> = {}): ProviderEvent {
  return { type: 'chunk', chunk: { json, usage: 'absent', hasChoices: true, hasRole: false, ...about } };
}

const OPENING = raw('{"id":"p-1","created":42,"model":"theirs","choices":[{"index":0,"delta":{"role":"assistant"}}],"x":1.0}', {
  hasRole: true,
});
// Spaces, an escape and a number that another encoder would write differently.
const WORD = raw(
  '{ "id":"p-1","created":42,"model":"theirs", "choices":[{"index":0,"delta":{"content":"na\\u00efve"}}],"x":1e2}',
);
const USAGE_ONLY = raw('{"id":"p-1","choices":[],"usage":{"prompt_tokens":7}}', { usage: 'told', hasChoices: false });
const jsonOf = (event: ProviderEvent) => (event.type === 'chunk' ? event.chunk.json : '');
const frameOf = (event: ProviderEvent) => `data: ${jsonOf(event)}\n\n`;

function setUp(includeUsage = false) {
  return createChunkEncoder({ id: 'chatcmpl-ours', model: 'ours', includeUsage });
}

function read(frames: string): Record<string, unknown>[] {
  return frames
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => JSON.parse(frame.replace(/^data: /, '')));
}

describe('chunks of a provider that speaks the format', () => {
  it('go out byte for byte, and what they mean is not said a second time', () => {
    const frames = setUp().encode([OPENING, WORD, { type: 'text', text: 'naïve' }, { type: 'finish', reason: 'stop' }]);
    expect(frames).toBe(frameOf(OPENING) + frameOf(WORD));
  });

  it('go out byte for byte over several batches', () => {
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
      'told',
      '{"choices":[{"delta":{}}],"usage":{"prompt_tokens":7},"x":1}',
      '{"choices":[{"delta":{}}],"x":1}',
    ],
  ] as const)('lose a usage that nobody asked for: %s', (_case, usage, json, expected) => {
    const encoder = setUp();
    encoder.encode([OPENING]);
    expect(encoder.encode([raw(json, { usage })])).toBe(`data: ${expected}\n\n`);
  });

  it('lose the chunk of the usage when nobody asked for it', () => {
    const encoder = setUp();
    expect(encoder.encode([OPENING, USAGE_ONLY, { type: 'usage', usage: USAGE }])).toBe(frameOf(OPENING));
    expect(encoder.finish(USAGE)).toBe('');
  });

  it('keep every usage when it was asked for, even null', () => {
    const encoder = setUp(true);
    const withNull = raw('{"choices":[{"delta":{}}],"usage":null}', { usage: 'null' });
    expect(encoder.encode([OPENING, withNull, USAGE_ONLY])).toBe(frameOf(OPENING) + frameOf(withNull) + frameOf(USAGE_ONLY));
    expect(encoder.finish(USAGE)).toBe('');
  });

  it('are followed by the usage when it was asked for and the provider did not send it, as one of theirs', () => {
    const encoder = setUp(true);
    encoder.encode([OPENING, WORD]);
    expect(read(encoder.finish(USAGE))).toEqual([
      { id: 'p-1', object: 'chat.completion.chunk', created: 42, model: 'theirs', choices: [], usage: USAGE },
    ]);
  });

  it('are preceded by the role when the first of them does not have it, as one of theirs', () => {
    const [opening, ...rest] = read(setUp().encode([WORD, WORD]));
    expect(opening).toMatchObject({ id: 'p-1', created: 42, model: 'theirs' });
    expect(opening?.choices).toEqual([
      { index: 0, delta: { role: 'assistant', content: '' }, logprobs: null, finish_reason: null },
    ]);
    expect(rest).toEqual([JSON.parse(jsonOf(WORD)), JSON.parse(jsonOf(WORD))]);
  });

  it('are still preceded by the role when the usage comes first', () => {
    const encoder = setUp();
    expect(encoder.encode([USAGE_ONLY])).toBe('');
    expect(read(encoder.encode([WORD]))[0]).toMatchObject({ choices: [{ delta: { role: 'assistant' } }] });
  });
});

describe('chunks of a model without that format', () => {
  const delta = ({ choices }: Record<string, unknown>) => (choices as { delta: object }[])[0]?.delta;

  it('begin with the role, end with the reason, and share id, time and model', () => {
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

  it('say the role once, however many batches there are', () => {
    const encoder = setUp();
    const frames = encoder.encode([{ type: 'text', text: 'a' }]) + encoder.encode([{ type: 'text', text: 'b' }]);
    expect(frames.match(/"role"/g)).toHaveLength(1);
  });

  it('carry tool calls, with id and name where they begin', () => {
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

  it('end with the usage only when it was asked for', () => {
    for (const includeUsage of [true, false]) {
      const encoder = setUp(includeUsage);
      encoder.encode([
        { type: 'finish', reason: 'stop' },
        { type: 'usage', usage: USAGE },
      ]);
      expect(read(encoder.finish(USAGE))).toMatchObject(includeUsage ? [{ choices: [], usage: USAGE }] : []);
    }
  });

  it('are begun even when the answer is nothing but its end', () => {
    expect(read(setUp().encode([{ type: 'finish', reason: 'length' }])).map(delta)).toEqual([
      { role: 'assistant', content: '' },
      {},
    ]);
  });
});
