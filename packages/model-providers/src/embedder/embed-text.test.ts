import { describe, expect, it } from 'vitest';
import { embedText } from './embed-text.ts';
import { EMBEDDER_LIMITS } from './embedder-provider.ts';

const lengthOf = (vector: Float32Array) => Math.hypot(...vector);
function similarity(one: string, other: string, dimensions: number = EMBEDDER_LIMITS.dimensionsDefault): number {
  const [a, b] = [embedText(one, dimensions), embedText(other, dimensions)];
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}

const TEXTS = [
  'Hi',
  'The gateway streams tokens.',
  'naïve 👩‍🚀 日本語のテキスト',
  '!!!',
  '👍',
  '   ',
  'a',
  'x'.repeat(10_000),
  '\ud800',
];

describe('the offline embedder', () => {
  it.each(TEXTS.map((text) => [text.slice(0, 30), text]))('returns a vector of length 1 for %j', (_shown, text) => {
    for (const dimensions of [
      EMBEDDER_LIMITS.dimensionsMin,
      9,
      EMBEDDER_LIMITS.dimensionsDefault,
      EMBEDDER_LIMITS.dimensionsMax,
    ]) {
      const vector = embedText(text, dimensions);
      expect(vector).toHaveLength(dimensions);
      expect(lengthOf(vector)).toBeCloseTo(1, 5);
    }
  });

  it('returns the same vector for the same text in every version', () => {
    expect([...embedText('The gateway streams tokens.', 8)].map((value) => value.toFixed(4))).toMatchInlineSnapshot(`
      [
        "0.2341",
        "-0.6777",
        "0.1367",
        "-0.4282",
        "0.0000",
        "-0.2972",
        "0.3127",
        "0.3127",
      ]
    `);
  });

  it('returns similar vectors for texts that share words, and different ones for others', () => {
    const text = 'How does the worker retry a failed job?';
    const near = similarity(text, 'A failed job is retried by the worker with a backoff.');
    const far = similarity(text, 'Bananas grow in warm countries near the sea.');
    expect(near).toBeGreaterThan(0.3);
    expect(far).toBeLessThan(0.15);
  });

  it.each([
    ['the forms of a word', 'retrying', 'retries', 'banana'],
    ['a word and its misspelling', 'kubernetes', 'kubernets', 'postgres'],
    ['a script without spaces', '東京都の天気予報', '東京都の天気', '料理の作り方'],
  ])('relates %s', (_case, text, near, far) => {
    expect(similarity(text, near)).toBeGreaterThan(similarity(text, far) + 0.2);
  });

  it.each([
    ['capitals', 'STREAMING Tokens', 'streaming tokens'],
    ['punctuation', 'streaming, tokens!', 'streaming tokens'],
    ['accents', 'naïve café', 'naive cafe'],
    ['the way an accent is written', 'cafe\u0301', 'caf\u00e9'],
    ['the width of letters', 'ｔｏｋｅｎ', 'token'],
  ])('ignores %s', (_case, one, other) => {
    expect(similarity(one, other)).toBeCloseTo(1, 5);
  });

  it('depends slightly on the order of words', () => {
    const swapped = similarity('the gateway calls the worker', 'the worker calls the gateway');
    expect(swapped).toBeGreaterThan(0.7);
    expect(swapped).toBeLessThan(0.999);
  });

  it('dampens a word that is repeated', () => {
    expect(similarity(`${'token '.repeat(50)}gateway worker`, 'gateway worker')).toBeGreaterThan(0.2);
  });
});
