import { expect, it } from 'vitest';
import { withLinkBase } from './link-base.ts';

const MARKDOWN = [
  '> See [REST](/read/docs/a.md#rest) and [a \\[b\\] [c] `d`](/read/b.md), but not [X](https://x.example/read/a.md).',
  '[`f(x)` › 100 %](/read/docs/c%20d.md)',
].join('\n');

it.each([
  ['leaves links relative without a base', undefined, MARKDOWN],
  ['makes links absolute', 'https://chat.example.com', MARKDOWN.replaceAll('](/read', '](https://chat.example.com/read')],
  [
    'leaves only the titles with an empty base',
    '',
    '> See REST and a \\[b\\] [c] `d`, but not [X](https://x.example/read/a.md).\n`f(x)` › 100 %',
  ],
])('%s', (_title, base, expected) => {
  expect(withLinkBase(MARKDOWN, base)).toBe(expected);
});

it('takes linear time for brackets that are never closed', () => {
  const open = '['.repeat(200_000);
  expect(withLinkBase(open, 'http://x')).toBe(open);
});
