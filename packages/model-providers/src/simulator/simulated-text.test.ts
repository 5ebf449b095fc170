import { expect, it } from 'vitest';
import { createSimulatedText } from './simulated-text.ts';

function textOf(seed: number, words: number): string {
  const nextWord = createSimulatedText(seed);
  return Array.from({ length: words }, nextWord).join('');
}

it('repeats the text of a seed in every version, so that recorded tests stay valid', () => {
  expect(textOf(1, 14)).toMatchInlineSnapshot(`"A one one new while both so to one its over and. Turn and "`);
  expect(textOf(7, 5)).toMatchInlineSnapshot(`"Enters one open one to "`);
});

it('forms sentences of 6 to 15 words with one capital and one full stop', () => {
  const sentences = textOf(3, 5_000)
    .split(/(?<=\.) /)
    .slice(0, -1);
  for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z][a-z]*(?: [a-z]+){5,14}\.$/);
  const lengths = new Set(sentences.map((sentence) => sentence.split(' ').length));
  expect([...lengths].sort((a, b) => a - b)).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
});
