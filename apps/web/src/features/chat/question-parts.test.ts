import { expect, it } from 'vitest';
import { isLongQuestion, questionParts } from './question-parts.ts';

it('splits a question at its code fences and keeps the other text as typed', () => {
  expect(questionParts('Why *fails*:\n\n```TS\nconst a = 1;\n\n```\nthis?')).toEqual([
    { type: 'text', text: 'Why *fails*:' },
    { type: 'code', text: 'const a = 1;\n', language: 'ts' },
    { type: 'text', text: 'this?' },
  ]);
});

it('keeps an unclosed fence and inline backticks as text', () => {
  for (const prompt of ['```ts\nconst a', 'the `code` here', 'a ``` b ``` c']) {
    expect(questionParts(prompt)).toEqual([{ type: 'text', text: prompt }]);
  }
});

it('collapses questions of more than twelve lines', () => {
  expect(isLongQuestion('line\n'.repeat(11).concat('end'))).toBe(false);
  expect(isLongQuestion('line\n'.repeat(12).concat('end'))).toBe(true);
  expect(isLongQuestion('word '.repeat(300))).toBe(true);
});
