import { createOpenAiCompatibleProvider } from '@prodigon/model-providers';
import { createSeededRandom, fuzzSettings, hostileText, startFaultProvider } from '@prodigon/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startPlatform, TOPOLOGIES, type Topology } from '../gateway-harness.test-support.ts';
import { readAll, STREAM, TYPED, textOf } from './generation.test-support.ts';

const { seed, cases, repeat } = fuzzSettings({ cases: 20 });

/** Words that framing could trip over, and none of them empty. */
const wordsOf = (number: number): string[] => {
  const random = createSeededRandom(seed, 'words', number);
  return Array.from({ length: 1 + random.upTo(8) }, () => hostileText(random));
};

/** `split_utf8` sends its stream byte by byte. */
async function start(topology: Topology, words: string[]) {
  const provider = await startFaultProvider({ words });
  onTestFinished(() => provider.close());
  const adapter = createOpenAiCompatibleProvider({ name: 'faulty', baseUrl: provider.baseUrl, connectTimeoutMs: 5_000 });
  onTestFinished(() => adapter.close());
  return startPlatform({ topology, providers: [{ endpoints: [adapter], acceptsOtherIds: true }], defaultModel: 'split_utf8' });
}

/** What stands behind `data: ` in each frame of a body that has nothing else. */
function dataOf(body: string): string[] {
  const frames = body.split('\n\n');
  expect(frames.pop()).toBe('');
  return frames.map((frame) => {
    expect(frame).toMatch(/^data: [^\r\n]*$/);
    return frame.slice('data: '.length);
  });
}

describe.each(TOPOLOGIES)(`any text, streamed %s, with ${repeat}`, (topology) => {
  it('comes back as it was, in every format, and no event that was not sent', async () => {
    // The provider says its words whoever asks, so they change in place.
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
