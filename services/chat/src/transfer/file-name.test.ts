import { parse } from 'content-disposition';
import { expect, it } from 'vitest';
import { attachmentHeader, fileNameOf } from './file-name.ts';

it.each([
  ['What is backpressure?', 'What is backpressure.md'],
  ['a/b\\c:d*e?f"g<h>i|j', 'a-b-c-d-e-f-g-h-i-j.md'],
  ['../../etc/passwd', 'etc-passwd.md'],
  [' . Über 負荷 👩‍👧 . ', 'Über 負荷 👩‍👧.md'],
  ['a\u0000b\nc\u202e', 'a b c.md'],
  ['CON', '_CON.md'],
  ['...', 'conversation.md'],
  ['', 'conversation.md'],
])('names the file of the title %j', (title, name) => {
  expect(fileNameOf(title, '.md')).toBe(name);
  expect(parse(attachmentHeader(name))).toMatchObject({ type: 'attachment', parameters: { filename: name } });
  expect(attachmentHeader(name)).toMatch(/^[\x20-\x7e]*$/);
});

it('cuts a long title between characters', () => {
  const name = fileNameOf('👍🏽'.repeat(100), '.md');
  expect(name).toMatch(/^(?:👍🏽)+\.md$/u);
  expect(name.length).toBeLessThanOrEqual(83);
});
