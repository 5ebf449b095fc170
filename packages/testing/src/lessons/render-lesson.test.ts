import { expect, it } from 'vitest';
import { renderLesson } from './render-lesson.ts';

const CODE = `import { a } from './a.ts';

export function call() {
  // #region call
  const options = {
    // #region deadline
    deadline: 50,
    // #endregion
  };

  return options;
  // #endregion call
}
// #region open
`;
const FILES: Record<string, string> = {
  'starter/call.ts': CODE,
  'twice.ts': '// #region a\n// #endregion\n// #region a\n// #endregion\n',
  'values.yaml': '# #region port\nport: 1\n# #endregion\n',
  'results/run.json': JSON.stringify({
    verdict: { status: 'REFUTED', ratio: 1.42449, interval: [1.38, 1.466] },
    rate: 12345.6,
    share: 0.5349,
    list: [{ 'cpu-ms': -0.25 }],
    none: null,
  }),
};
const render = (text: string) => renderLesson(text, (path) => FILES[path]);
const block = (include: string, code = 'old', tag = 'ts') => `<!-- include: ${include} -->\n\`\`\`${tag}\n${code}\n\`\`\``;
const claim = (path: string) => `<!-- claim: results/run.json#${path} -->`;

it('renders included regions without inner marks and common indentation', () => {
  const code = 'const options = {\n  deadline: 50,\n};\n\nreturn options;';
  expect(render(`Text\n\n${block('starter/call.ts#call')}\n\nMore`)).toEqual({
    text: `Text\n\n${block('starter/call.ts#call', code)}\n\nMore`,
    problems: [],
  });
  expect(render(block('starter/call.ts#deadline')).text).toBe(block('starter/call.ts#deadline', 'deadline: 50,'));
  expect(render(block('values.yaml#port', 'x', 'yaml')).text).toBe(block('values.yaml#port', 'port: 1', 'yaml'));
  expect(render(block('values.yaml', 'x', 'yaml')).text).toBe(block('values.yaml', 'port: 1', 'yaml'));
});

it('leaves a correct lesson unchanged', () => {
  const text = `${block('starter/call.ts#deadline', 'deadline: 50,')}\n\n1.42 ${claim('verdict.ratio')} and 12,346 ${claim('rate')}\n`;
  expect(render(text)).toEqual({ text, problems: [] });
});

it.each([
  [block('starter/none.ts#call'), 'line 1: starter/none.ts does not exist'],
  [block('starter/call.ts#none'), 'line 1: starter/call.ts has no region "none"'],
  [block('starter/call.ts#open'), 'line 1: the region "open" of starter/call.ts has no end'],
  [block('twice.ts#a'), 'line 1: twice.ts has several regions "a"'],
  ['<!-- include: starter/call.ts#call -->\nText', 'line 2: the include has no code block after it'],
  ['See <!-- include: starter/call.ts#call -->', 'line 1: an include stands alone on its line, as <!-- include: file#region -->'],
  ['\n```ts\nopen', 'line 2: the code block has no end'],
  ['```sh\nls\n```', expect.stringMatching(/^line 1: the code block is tagged "sh"; use one of: sh run, sh setup, text/)],
  ['```\nls\n```', expect.stringContaining('tagged ""')],
  [`1.4 ${claim('verdict.none')}`, 'line 1: results/run.json has no number or text at verdict.none'],
  [`1.4 ${claim('none')}`, 'line 1: results/run.json has no number or text at none'],
  ['1.4 <!-- claim: none.json#a -->', 'line 1: none.json does not exist'],
  ['1.4 <!-- claim: run -->', 'line 1: a claim has the form <!-- claim: file.json#path -->'],
  [`Faster ${claim('rate')}`, expect.stringMatching(/^line 1: no figure stands before/)],
])('reports the problem of %j', (text, problem) => {
  expect(render(text)).toEqual({ text, problems: [problem] });
});

it.each([
  [`9.99× ${claim('verdict.ratio')}`, `1.42× ${claim('verdict.ratio')}`],
  [`**2** ${claim('verdict.ratio')}`, `**1** ${claim('verdict.ratio')}`],
  [
    `9.9 (1.0 ${claim('verdict.interval.0')} to 1.0 ${claim('verdict.interval.1')})`,
    `9.9 (1.4 ${claim('verdict.interval.0')} to 1.5 ${claim('verdict.interval.1')})`,
  ],
  [`| 11,111 req/s ${claim('rate')} |`, `| 12,346 req/s ${claim('rate')} |`],
  [`1 ${claim('rate')}`, `12,346 ${claim('rate')}`],
  [`50 % ${claim('share * 100')}`, `53 % ${claim('share * 100')}`],
  [`1.0 k ${claim('rate / 1000')}`, `12.3 k ${claim('rate / 1000')}`],
  [`0.50 ${claim('list/0/cpu-ms')}`, `-0.25 ${claim('list/0/cpu-ms')}`],
  [`\`SUPPORTED\` ${claim('verdict.status')}`, `\`REFUTED\` ${claim('verdict.status')}`],
])('renders %j with the recorded figure', (text, expected) => {
  expect(render(text)).toEqual({ text: expected, problems: [] });
});

it('renders no claims within code blocks', () => {
  const text = `\`\`\`text\n9 ${claim('rate')}\n\`\`\``;
  expect(render(text)).toEqual({ text, problems: [] });
});
