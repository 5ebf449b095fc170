import { describe, expect, it } from 'vitest';
import { splitAtFrameBoundary } from './frame-boundary.ts';

async function read(...parts: Uint8Array[]): Promise<string[]> {
  const frames: string[] = [];
  for await (const bytes of splitAtFrameBoundary(
    (async function* () {
      yield* parts;
    })(),
  ))
    frames.push(Buffer.from(bytes).toString());
  return frames;
}

describe('frames from another service', () => {
  const text = 'data: "é"\n\nid: 1\nevent: token\ndata: "👩‍🚀"\n\ndata: "end"\n\n';

  it('come out whole wherever the network cuts them', async () => {
    const bytes = Buffer.from(text);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const frames = await read(bytes.subarray(0, cut), bytes.subarray(cut));
      expect(frames.join('')).toBe(text);
      for (const frame of frames) expect(frame).toMatch(/\n\n$/);
    }
  });

  it('that were cut off for good do not come out at all, so that an error can be written behind them', async () => {
    expect(await read(Buffer.from('data: "a"\n\ndata: "b'))).toEqual(['data: "a"\n\n']);
  });
});
