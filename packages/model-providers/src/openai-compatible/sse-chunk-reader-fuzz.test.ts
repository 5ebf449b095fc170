import { byteSplits, checkProperty, everySplit, UNUSUAL_STREAMS, unusualStream } from '@prodigon/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createChunkReader } from './sse-chunk-reader.ts';

function read(parts: readonly Uint8Array[]) {
  const reader = createChunkReader({ id: 'chatcmpl-1', created: 7, model: 'm' });
  const events = parts.flatMap((part) => reader.read(part));
  return { events, isDone: reader.isDone, failure: reader.failure?.message };
}

const eventsOf = (name: string) => {
  const { events, ...end } = read([unusualStream(name).bytes]);
  return { events: events.filter(({ type }) => type !== 'chunk'), ...end };
};

describe.each(UNUSUAL_STREAMS)('the stream $name of a provider', ({ bytes }) => {
  // As text, which compares several times as fast as the objects.
  const readAsText = (parts: readonly Uint8Array[]) => JSON.stringify(read(parts), null, 1);
  const whole = readAsText([bytes]);

  it('yields the same events for every split in two, and byte by byte', () => {
    for (const parts of everySplit(bytes)) {
      const text = readAsText(parts);
      if (text !== whole) expect(text, `split after ${parts[0]?.length} bytes`).toBe(whole);
    }
  });

  it('yields the same events for random splits', async () => {
    const property = fc.property(byteSplits(bytes), (parts) => {
      expect(readAsText(parts)).toBe(whole);
    });
    await checkProperty({ cases: 50 }, property);
  });
});

describe.each(UNUSUAL_STREAMS.filter(({ readsAs }) => readsAs))('the stream $name of a provider', ({ name, readsAs = '' }) => {
  it('yields the same events as the equivalent ordinary stream', () => {
    expect(eventsOf(name)).toEqual(eventsOf(readsAs));
  });
});

describe('the end of a response', () => {
  it('is not detected inside its text', () => {
    const { events, isDone } = read([unusualStream('forged-end').bytes]);
    expect(events.map((event) => (event.type === 'text' ? event.text : '')).join('')).toBe(
      'data: [DONE]\n\n\r\ndata: [DONE]\r\n\r\nevent: error\n [DONE]still here',
    );
    expect(isDone).toBe(true);
  });

  it('is missing when its frame is incomplete', () => {
    expect(read([unusualStream('no-last-line-end').bytes]).isDone).toBe(false);
  });
});
