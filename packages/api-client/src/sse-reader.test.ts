import { streamEventSchemas } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { readSseEvents } from './sse-reader.ts';

describe('readSseEvents', () => {
  it.each([
    ['that does not match the schema', '{"not":"text"}', 'ZodError'],
    ['that is not JSON', '"half', 'SyntaxError'],
  ])('yields the events before one with data %s in the same chunk', async (_case, data, name) => {
    const token = (text: string) => `event: token\ndata: ${text}\n\n`;
    async function* body() {
      yield Buffer.from(token('"kept"') + token(data) + token('"never"'));
    }
    const events: unknown[] = [];
    const reading = (async () => {
      for await (const event of readSseEvents(streamEventSchemas, body())) events.push(event.data);
    })();
    await expect(reading).rejects.toMatchObject({ name });
    expect(events).toEqual(['kept']);
  });
});
