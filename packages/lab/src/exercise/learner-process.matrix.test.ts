import { matrixOf } from '@prodigon/testing';
import { describe, expect, it } from 'vitest';
import { checkCode, DOUBLE_CHECK, SECOND_CHECK, SHORT_LIMITS } from './exercise.test-support.ts';
import type { LearnerLimits } from './learner-process.ts';

/** The titles that `npm test` runs. */
const isIn =
  (...titles: string[]) =>
  ({ title }: { title: string }) =>
    titles.includes(title);

/** Sources that cannot be loaded, and what the run says. */
const LOAD_PROBLEMS: readonly { title: string; source: string | null; problem: string; limits?: Partial<LearnerLimits> }[] = [
  {
    title: 'a syntax error',
    source: 'export const one = 1;\nexport function double( {',
    problem: 'my/07/double.ts:2 has a syntax error: Unexpected token `<eof>`',
  },
  {
    title: 'TypeScript that Node cannot strip',
    source: '\n\nenum Color { Red }\nexport const double = 1;',
    problem:
      'my/07/double.ts:3 uses TypeScript syntax that Node cannot run, because Node only removes types: TypeScript enum is not',
  },
  { title: 'a missing file', source: null, problem: "my/07/double.ts cannot be loaded: Cannot find module 'my/07/double.ts'" },
  {
    title: 'an import of a missing package',
    source: "import 'no-such-package';\nexport const double = 1;",
    problem: "my/07/double.ts cannot be loaded: Cannot find package 'no-such-package' imported from my/07/double.ts",
  },
  {
    title: 'a missing export',
    source: 'export const doubled = 1;',
    problem: 'my/07/double.ts does not export double.',
  },
  {
    title: 'an error at the top level',
    source: 'export const double = 1;\nundefined.length;',
    problem: 'my/07/double.ts throws while it loads: TypeError: Cannot read properties of undefined',
  },
  {
    title: 'a thrown value that is not an error',
    source: "throw { reason: 'none' };",
    problem: "my/07/double.ts throws while it loads: the value { reason: 'none' }, which is not an Error.",
  },
  {
    title: 'a module that never settles',
    source: 'await new Promise(() => {});\nexport const double = 1;',
    problem: 'my/07/double.ts has not loaded after 3 s. A top-level await does not settle.',
  },
  {
    title: 'an endless loop at the top level',
    source: 'export const double = 1;\nlet turns = 0;\nfor (;;) turns += 1;',
    problem: 'my/07/double.ts:3 blocks the event loop: a loop does not end.',
  },
  {
    title: 'process.exit at the top level',
    source: 'export const double = 1;\n\nprocess.exit(3);',
    problem: 'my/07/double.ts:3 ends the process with process.exit(3).',
  },
  {
    title: 'a fork bomb',
    source: `import { spawn } from 'node:child_process';
export const double = 1;
for (let child = 0; child < 1_000; child += 1)
  spawn(process.execPath, [import.meta.filename]);`,
    problem:
      'my/07/double.ts:4 starts a process or a worker, writes a file, or reads a file that does not belong to the exercise.',
  },
  {
    title: 'a worker bomb',
    source: `import { Worker } from 'node:worker_threads';
export const double = 1;
for (;;) new Worker(import.meta.filename);`,
    problem: 'my/07/double.ts:3 starts a process or a worker',
  },
];

describe('code that cannot be loaded', () => {
  it.for(matrixOf(LOAD_PROBLEMS, isIn('a syntax error', 'an endless loop at the top level', 'process.exit at the top level')))(
    'names the problem and skips the checks for $title',
    async ({ source, problem }) => {
      const report = await checkCode(source, { checks: [DOUBLE_CHECK, SECOND_CHECK], limits: SHORT_LIMITS });
      expect(report.problem).toContain(problem);
      expect(report.results.map(({ status }) => status)).toEqual(['skipped', 'skipped']);
    },
  );
});

/** Bodies of `double` that fail, and what the failing check saw. */
const CASE_PROBLEMS: readonly { title: string; body: string; saw: string; limits?: Partial<LearnerLimits> }[] = [
  {
    title: 'throws',
    body: "\nthrow new RangeError('too large');",
    saw: 'Your code throws RangeError: too large (my/07/double.ts:2).',
  },
  { title: 'throws a string', body: "throw 'too large';", saw: "Your code throws the value 'too large', which is not an Error." },
  {
    title: 'never settles',
    body: 'return new Promise(() => {});',
    saw: 'Your code has not finished after 1.5 s. A promise does not settle.',
  },
  { title: 'loops', body: '\n\nfor (;;) value += 1;', saw: 'my/07/double.ts:3 blocks the event loop: a loop does not end.' },
  { title: 'exits', body: '\nprocess.exit(0);', saw: 'my/07/double.ts:2 ends the process with process.exit(0).' },
  {
    title: 'throws in a timer',
    body: "\nsetTimeout(() => { throw new Error('late'); });\nreturn new Promise(() => {});",
    saw: 'Your code throws an error that no handler catches, which ends the process: Error: late (my/07/double.ts:2).',
  },
  {
    title: 'leaves a rejection unhandled',
    body: "\nPromise.reject(new Error('lost'));\nreturn 2 * value;",
    saw: 'A promise in your code rejects, and no handler catches the error, which ends the process: Error: lost (my/07/double.ts:2).',
  },
  {
    title: 'uses too much heap',
    body: 'const all = []; for (;;) all.push(new Array(1_000).fill(value));',
    saw: 'Your code runs out of memory. The limit is 64 MB.',
    limits: { heapMb: 64, caseMs: 60_000 },
  },
  {
    title: 'uses too much memory outside of the heap',
    body: 'const all = []; return new Promise(() => setInterval(() => all.push(Buffer.alloc(10_000_000, 1)), 1));',
    saw: 'Your code runs out of memory. The limit is 400 MB.',
    limits: { memoryMb: 400, caseMs: 60_000 },
  },
  {
    title: 'floods standard output',
    body: "return new Promise(() => setInterval(() => console.log('x'.repeat(100_000)), 1));",
    saw: 'Your code writes more than 8 MB to the terminal.',
    limits: { caseMs: 60_000 },
  },
  {
    title: 'starts processes',
    body: "\nreturn import('node:child_process').then(({ spawn }) => spawn('sleep', ['1000']));",
    saw: 'my/07/double.ts:2 starts a process or a worker',
  },
  {
    title: 'sends a signal to another process',
    body: "process.kill(process.ppid, 'SIGUSR1'); return 1;",
    saw: 'starts a process or a worker',
  },
  {
    title: 'opens the inspector of another process',
    body: 'process._debugProcess(process.ppid); return 1;',
    saw: 'starts a process or a worker',
  },
  {
    title: 'kills itself',
    body: "process.kill(process.pid, 'SIGKILL'); return new Promise(() => {});",
    saw: 'The process with your code ended with SIGKILL.',
  },
];

describe('code that fails in a case', () => {
  it.for(matrixOf(CASE_PROBLEMS, isIn('throws', 'never settles', 'starts processes', 'kills itself')))(
    'fails the check and runs the next one when the code $title',
    async ({ body, saw, limits }) => {
      const source = `export function double(value) {${body}\n}`;
      const report = await checkCode(source, {
        checks: [DOUBLE_CHECK, SECOND_CHECK],
        limits: { ...SHORT_LIMITS, ...limits },
      });
      expect(report.problem).toBeNull();
      expect(report.results.map(({ status }) => status)).toEqual(['failed', 'failed']);
      for (const result of report.results) expect(result.saw).toContain(saw);
    },
  );
});
