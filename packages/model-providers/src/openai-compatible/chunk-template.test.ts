import { describe, expect, it } from 'vitest';
import { createChunkReader } from './sse-chunk-reader.ts';

const chunk = (content: string, more: object = {}) =>
  JSON.stringify({
    id: 'c-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta: { content }, finish_reason: null, ...more }],
    usage: null,
  });

/** Returns the events of a whole stream that arrives in one read. */
function read(...frames: string[]) {
  const reader = createChunkReader({ id: 'chatcmpl-1', created: 7, model: 'm' });
  const events = reader.read(Buffer.from(frames.map((frame) => `data: ${frame}\n\n`).join('')));
  return { events, failure: reader.failure };
}

const textsOf = ({ events }: ReturnType<typeof read>) => events.flatMap((event) => (event.type === 'text' ? [event.text] : []));

describe('the template of chunks that differ only in their text', () => {
  it('reads every text exactly, including escaped and special characters', () => {
    const texts = ['Hello', ' wide', ' "world"', '\n', '\u2028', '👩‍🚀', ' \\"content\\":\\"', '', 'end'];
    const response = read(...texts.map((text) => chunk(text)));
    expect(textsOf(response)).toEqual(texts.filter((text) => text !== ''));
    expect(response.failure).toBeUndefined();
  });

  it('keeps the JSON of the provider', () => {
    const frames = ['a', 'b', 'c'].map((text) => chunk(text));
    const { events } = read(...frames);
    expect(events.flatMap((event) => (event.type === 'chunk' ? [event.chunk.json] : []))).toEqual(frames);
  });

  it('reads the same text for every split of the stream, also with comments and CRLF', () => {
    const frames = ['a', 'b é', 'c'].map((text) => `data: ${chunk(text)}\n\n`);
    const stream = [
      frames[0],
      frames[1],
      ': alive\n\n',
      frames[2]?.replaceAll('\n', '\r\n'),
      ...frames,
      'data: [DONE]\n\n',
      frames[0],
    ];
    const bytes = Buffer.from(stream.join(''));
    for (let cut = 0; cut <= bytes.length; cut++) {
      const reader = createChunkReader({ id: 'chatcmpl-1', created: 7, model: 'm' });
      const events = [...reader.read(bytes.subarray(0, cut)), ...reader.read(bytes.subarray(cut))];
      const texts = textsOf({ events, failure: reader.failure });
      expect({ cut, texts, isDone: reader.isDone }).toEqual({ cut, texts: ['a', 'b é', 'c', 'a', 'b é', 'c'], isDone: true });
    }
  });

  it('preserves the finish reason', () => {
    const { events } = read(chunk('a'), chunk('b'), chunk('', { finish_reason: 'stop' }));
    expect(events.at(-1)).toEqual({ type: 'finish', reason: 'stop' });
  });

  it('detects an error or an invalid chunk', () => {
    expect(read(chunk('a'), JSON.stringify({ error: { message: 'no' } })).failure?.code).toBe('INFERENCE_ERROR');
    expect(read(chunk('a'), chunk('b').slice(0, -1)).failure?.code).toBe('INFERENCE_ERROR');
    expect(read(chunk('a'), `${chunk('b')}}`).failure?.code).toBe('INFERENCE_ERROR');
    expect(read(chunk('a'), chunk('b').replace('"b"', '"b\u0007"')).failure?.code).toBe('INFERENCE_ERROR');
  });

  it('ignores another field with the same name', () => {
    const odd = (content: string, note: string) =>
      JSON.stringify({ note: { content: note }, choices: [{ index: 0, delta: { content }, finish_reason: null }] });
    expect(textsOf(read(odd('same', 'same'), odd('same', 'other'), odd('next', 'same')))).toEqual(['same', 'same', 'next']);
  });
});
