import { expect, it } from 'vitest';
import { followPosition } from './follow-position.ts';

const metrics = (scrollHeight: number) => ({ scrollHeight, clientHeight: 600, questionTop: 1_000 });

it.each([
  ['nothing while everything fits', 'question', { ...metrics(400), questionTop: 0 }, 0],
  ['the end of a response that fits below its question', 'question', metrics(1_500), 900],
  ['the question above a response that is longer than the screen', 'question', metrics(5_000), 984],
  ['the end once the user has chosen it', 'end', metrics(5_000), 4_400],
] as const)('follows %s', (_case, followed, scroll, position) => {
  expect(followPosition(followed, scroll)).toBe(position);
});
