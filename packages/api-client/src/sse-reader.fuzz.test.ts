import { jobEventSchemas, streamEventSchemas } from '@prodigon/contracts';
import { eventFrame, sseFrame } from '@prodigon/platform';
import {
  createSeededRandom,
  fuzzSettings,
  hostileText,
  randomOffsets,
  splitAt,
  splitsOf,
  UNUSUAL_STREAMS,
  unusualStream,
} from '@prodigon/testing';
import { describe, expect, it } from 'vitest';
import { type EventSchemas, readSseEvents } from './sse-reader.ts';

const { seed, cases, repeat } = fuzzSettings({ cases: 50 });

/** Everything that comes out, up to the error if there is one. */
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
  ['answers', streamEventSchemas],
  ['jobs', jobEventSchemas],
])('events of %s', (_kind, schemas) => {
  it.each(UNUSUAL_STREAMS)('in the stream $name are the same however the network has cut it', async ({ name, bytes }) => {
    const whole = await read(schemas, [bytes]);
    for (const { name: cutting, parts } of splitsOf(bytes, createSeededRandom(seed, name), cases)) {
      expect({ cutting, ...(await read(schemas, parts)) }).toEqual({ cutting, ...whole });
    }
  });
});

describe('events', () => {
  it('are those that were sent', async () => {
    const ids = (await read(streamEventSchemas, [unusualStream('events').bytes])).events.map(
      (each) => (each as { id: string }).id,
    );
    expect(ids.map((id) => id.split(':')[1])).toEqual(['0', '1', '2', '3', '4', '5']);
    expect((await read(jobEventSchemas, [unusualStream('job-events').bytes])).events).toHaveLength(3);
  });

  it('say the same with other line ends', async () => {
    const [ordinary, other] = ['events', 'events-crlf'].map((name) => read(streamEventSchemas, [unusualStream(name).bytes]));
    expect(await other).toEqual(await ordinary);
  });

  it('bring any text back as it was written, and no event that was not', async () => {
    for (let number = 0; number < cases * 20; number++) {
      const random = createSeededRandom(seed, 'texts', number);
      const texts = Array.from({ length: 1 + random.upTo(5) }, () => hostileText(random));
      const frames = texts.map((text, index) =>
        random.oneIn(2) ? eventFrame('token', text, `g:${index}`) : sseFrame('token', text, `g:${index}`),
      );
      const bytes = Buffer.from(frames.join(random.pick(['', ': keep-alive\n\n', '\n'])));
      const { events, ...rest } = await read(streamEventSchemas, splitAt(bytes, randomOffsets(bytes.length, random)));
      const sent = texts.map((data, index) => ({ event: 'token', data, id: `g:${index}` }));
      expect({ repeat, number, events, ...rest }).toEqual({ repeat, number, events: sent });
    }
  });
});
