import { createOpenAiCompatibleProvider } from '@prodigon/model-providers';
import { createSeededRandom, fuzzSettings, hostileText, startFaultProvider } from '@prodigon/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startPlatform, TOPOLOGIES, type Topology } from '../gateway-harness.test-support.ts';
import { readAll, STREAM, TYPED, textOf } from './generation.test-support.ts';

const { seed, cases, reproduceWith } = fuzzSettings({ cases: 20 });

/** Returns non-empty words that break careless framing. */
const wordsOf = (number: number): string[] => {
  const random = createSeededRandom(seed, 'words', number);
  return Array.from({ length: 1 + random.upTo(8) }, () => hostileText(random));
};

/** Starts the platform with the model `split_utf8`, which sends its stream byte by byte. */
async function start(topology: Topology, words: string[]) {
  const provider = await startFaultProvider({ words });
  onTestFinished(() => provider.close());
  const adapter = createOpenAiCompatibleProvider({ name: 'faulty', baseUrl: provider.baseUrl, connectTimeoutMs: 5_000 });
  onTestFinished(() => adapter.close());
  return startPlatform({ topology, providers: [{ endpoints: [adapter], acceptsOtherIds: true }], defaultModel: 'split_utf8' });
}

/** Returns the data of each frame of a body that has no other fields. */
function dataOf(body: string): string[] {
  const frames = body.split('\n\n');
  expect(frames.pop()).toBe('');
  return frames.map((frame) => {
    expect(frame).toMatch(/^data: [^\r\n]*$/);
    return frame.slice('data: '.length);
  });
}

describe.each(TOPOLOGIES)(`SSE framing, model service %s, with ${reproduceWith}`, (topology) => {
  it('returns any text unchanged in every format, without extra events', async () => {
    // The provider reads the array for each request, so the words are replaced in place.
    const words: string[] = [];
    const { post } = await start(topology, words);
    for (let number = 0; number < cases; number++) {
      words.splice(0, words.length, ...wordsOf(number));
      const text = words.join('');

      const events = await readAll(await post(STREAM, { prompt: `Say ${number}` }, TYPED));
      expect({ number, text: textOf(events) }).toEqual({ number, text });
      expect(events.map(({ event }) => event).filter((event) => event !== 'token')).toEqual(['start', 'usage', 'done']);

      const tokens = dataOf(await (await post(STREAM, { prompt: `Say ${number}` })).text());
      expect(tokens.pop()).toBe('[DONE]');
      expect({ number, text: tokens.map((token) => JSON.parse(token)).join('') }).toEqual({ number, text });

      const messages = [{ role: 'user', content: `Say ${number}` }];
      const chunks = dataOf(await (await post('/v1/chat/completions', { messages, stream: true })).text());
      expect(chunks.pop()).toBe('[DONE]');
      const contents = chunks.map((chunk) => JSON.parse(chunk).choices[0]?.delta?.content ?? '');
      expect({ number, text: contents.join('') }).toEqual({ number, text });
    }
  });
});
