import { jobEventSchemas, streamEventSchemas } from '@prodigon/contracts';
import { eventFrame, sseFrame } from '@prodigon/platform';
import { byteSplits, checkProperty, everySplit, hostileTexts, UNUSUAL_STREAMS, unusualStream } from '@prodigon/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EventSchemas, readSseEvents } from './sse-reader.ts';

/** Returns every event that the reader yields, and the name of the error that it throws after them. */
async function read(schemas: EventSchemas, parts: readonly Uint8Array[]) {
  const events: unknown[] = [];
  async function* body() {
    yield* parts;
  }
  try {
    for await (const event of readSseEvents(schemas, body())) events.push(event);
    return { events };
  } catch (error) {
    return { events, error: (error as Error).name };
  }
}

describe.each([
  ['generation', streamEventSchemas],
  ['job', jobEventSchemas],
])('readSseEvents with the schemas of %s events', (_kind, schemas) => {
  it.each(UNUSUAL_STREAMS)('yields the same events from the stream $name for every split into chunks', async ({ bytes }) => {
    const whole = await read(schemas, [bytes]);
    for (const parts of everySplit(bytes)) expect(await read(schemas, parts)).toEqual(whole);
    await checkProperty(
      { cases: 50 },
      fc.asyncProperty(byteSplits(bytes), async (parts) => {
        expect(await read(schemas, parts)).toEqual(whole);
      }),
    );
  });
});

describe('readSseEvents', () => {
  it('yields the events that were sent', async () => {
    const ids = (await read(streamEventSchemas, [unusualStream('events').bytes])).events.map(
      (each) => (each as { id: string }).id,
    );
    expect(ids.map((id) => id.split(':')[1])).toEqual(['0', '1', '2', '3', '4', '5']);
    expect((await read(jobEventSchemas, [unusualStream('job-events').bytes])).events).toHaveLength(3);
  });

  it('yields the same events for every kind of line ending', async () => {
    const [ordinary, other] = ['events', 'events-crlf'].map((name) => read(streamEventSchemas, [unusualStream(name).bytes]));
    expect(await other).toEqual(await ordinary);
  });

  it('yields any text unchanged and no event that a text forges', async () => {
    const streams = fc
      .record({
        texts: fc.array(hostileTexts(), { minLength: 1, maxLength: 6 }),
        separator: fc.constantFrom('', ': keep-alive\n\n', '\n'),
        toFrame: fc.constantFrom(eventFrame<'token'>, sseFrame),
      })
      .chain(({ texts, separator, toFrame }) => {
        const frames = texts.map((text, index) => toFrame('token', text, `g:${index}`));
        return fc.record({ texts: fc.constant(texts), parts: byteSplits(Buffer.from(frames.join(separator))) });
      });
    await checkProperty(
      { cases: 1_000 },
      fc.asyncProperty(streams, async ({ texts, parts }) => {
        const sent = texts.map((data, index) => ({ event: 'token', data, id: `g:${index}` }));
        expect(await read(streamEventSchemas, parts)).toEqual({ events: sent });
      }),
    );
  });
});
