import { expect, it } from 'vitest';
import { shellCommandsIn } from './shell-commands.ts';

const wordsIn = (markdown: string) => shellCommandsIn(markdown).map(({ words }) => words);
const block = (code: string, tag = 'sh run') => `\`\`\`${tag}\n${code}\n\`\`\``;

it.each([
  ['prodigon lab run 01 --quick', [['prodigon', 'lab', 'run', '01', '--quick']]],
  [`prodigon lab predict 01 c "it's one" 'two words'`, [['prodigon', 'lab', 'predict', '01', 'c', "it's one", 'two words']]],
  [
    'echo "a | b" | prodigon chat > file # comment',
    [
      ['echo', 'a | b'],
      ['prodigon', 'chat', 'file'],
    ],
  ],
  ['prodigon lab list; prodigon lab status && ls', [['prodigon', 'lab', 'list'], ['prodigon', 'lab', 'status'], ['ls']]],
  ['prodigon lab check 01 \\\n  --seed 7', [['prodigon', 'lab', 'check', '01', '--seed', '7']]],
  ['LABS=on PORT=1 prodigon start', [['prodigon', 'start']]],
  ['# only a comment', []],
])('splits %j', (code, expected) => expect(wordsIn(block(code))).toEqual(expected));

it('reads shell blocks and inline commands of prodigon, and nothing else', () => {
  const text = [block('one', 'sh'), block('two', 'sh setup'), block('three', 'text'), 'Run `./prodigon lab list`, not `ls`.'];
  expect(wordsIn(text.join('\n\n'))).toEqual([['one'], ['two'], ['./prodigon', 'lab', 'list']]);
});
