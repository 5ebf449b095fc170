import { expect, it } from 'vitest';
import { TITLE_CHARACTERS_MAX, titleFromQuestion } from './question-title.ts';

it.each([
  ['What is a circuit breaker?', 'What is a circuit breaker?'],
  ['\n\n  First line  \nsecond line', 'First line'],
  ['## Compare **REST** and `gRPC`', 'Compare REST and gRPC'],
  ['> - [ ] Read [the docs](https://example.com/a "Title")', 'Read the docs'],
  ['1. _Step one_ of snake_case_name', 'Step one of snake_case_name'],
  ['```js\nconst a = 1;\n```\nWhy?', 'const a = 1;'],
  ['---\nAfter a rule', 'After a rule'],
  ['2 * 3 * 4 = ?', '2 * 3 * 4 = ?'],
  ['???', '???'],
  ['a\tb\u0007c\rsecond', 'a b c'],
  ['- \n', '-'],
  [' \n ', ''],
])('returns the first line of %j without Markdown marks', (question, title) => {
  expect(titleFromQuestion(question)).toBe(title);
});

it('cuts a long question at a word', () => {
  const title = titleFromQuestion(
    'Please explain how least-outstanding-requests load balancing reacts when one replica becomes slow',
  );
  expect(title).toBe('Please explain how least-outstanding-requests load balancing reacts when one…');
});

it('cuts a text without spaces between its characters', () => {
  const title = titleFromQuestion('👩‍👩‍👧'.repeat(40));
  expect(title.length).toBeLessThanOrEqual(TITLE_CHARACTERS_MAX);
  expect(title).toMatch(/^(?:👩‍👩‍👧)+…$/u);
  expect(titleFromQuestion('負荷分散'.repeat(50))).toHaveLength(TITLE_CHARACTERS_MAX);
});

it('keeps a title of exactly the maximum length', () => {
  const question = `${'word '.repeat(15)}words`;
  expect([question.length, titleFromQuestion(question)]).toEqual([TITLE_CHARACTERS_MAX, question]);
});

it('returns titles of hostile texts in linear time', () => {
  for (const text of [
    '['.repeat(100_000),
    '*'.repeat(100_000),
    `${'`'.repeat(50_000)}a`,
    '> '.repeat(50_000),
    '_a'.repeat(50_000),
  ])
    expect(titleFromQuestion(text).length).toBeLessThanOrEqual(TITLE_CHARACTERS_MAX);
});
