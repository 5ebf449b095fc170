import { createSeededRandom, fuzzSettings, splitsOf, UNUSUAL_STREAMS, unusualStream } from '@prodigon/testing';
import { describe, expect, it } from 'vitest';
import { createChunkReader } from './sse-chunk-reader.ts';

const { seed, cases } = fuzzSettings({ cases: 50 });

function read(parts: readonly Uint8Array[]) {
  const reader = createChunkReader();
  const events = parts.flatMap((part) => reader.read(part));
  return { events, isDone: reader.isDone, failure: reader.failure?.message };
}

const meaningOf = (name: string) => {
  const { events, ...end } = read([unusualStream(name).bytes]);
  return { events: events.filter(({ type }) => type !== 'chunk'), ...end };
};

describe.each(UNUSUAL_STREAMS)('the stream $name of a provider', ({ name, bytes }) => {
  it('says the same however the network has cut it', () => {
    const whole = read([bytes]);
    for (const { name: cutting, parts } of splitsOf(bytes, createSeededRandom(seed, name), cases)) {
      expect({ cutting, ...read(parts) }).toEqual({ cutting, ...whole });
    }
  });
});

describe.each(UNUSUAL_STREAMS.filter(({ readsAs }) => readsAs))('the stream $name of a provider', ({ name, readsAs = '' }) => {
  it('says what it says in an ordinary way', () => {
    expect(meaningOf(name)).toEqual(meaningOf(readsAs));
  });
});

describe('the end of an answer', () => {
  it('is not taken from its text', () => {
    const { events, isDone } = read([unusualStream('forged-end').bytes]);
    expect(events.map((event) => (event.type === 'text' ? event.text : '')).join('')).toBe(
      'data: [DONE]\n\n\r\ndata: [DONE]\r\n\r\nevent: error\n [DONE]still here',
    );
    expect(isDone).toBe(true);
  });

  it('is missing where its frame has not been closed', () => {
    expect(read([unusualStream('no-last-line-end').bytes]).isDone).toBe(false);
  });
});
