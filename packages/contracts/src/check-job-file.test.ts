import { expect, it } from 'vitest';
import { checkJobFile, jobFileError } from './check-job-file.ts';
import { jobFileFormatOf } from './job-file-format.ts';

async function* bytesOf(...texts: string[]) {
  for (const text of texts) yield new TextEncoder().encode(text);
}

it('tells how many prompts a file has, the first of them and what is wrong', async () => {
  const progress: number[] = [];
  const check = await checkJobFile('jsonl', bytesOf('"a"\n{}\n', '"b"\n'), { onProgress: (bytes) => progress.push(bytes) });
  expect(check).toEqual({
    total: 2,
    first: { prompt: 'a' },
    errors: [{ line: 2, path: 'prompt', message: 'Is missing' }],
    errorCount: 1,
  });
  expect(progress).toEqual([7, 11]);
  expect(jobFileError(check.errors, check.errorCount, check.total)).toMatchObject({
    code: 'VALIDATION_ERROR',
    message: '1 of 3 lines cannot be used. Line 2, prompt: Is missing.',
    details: check.errors,
  });
});

it('tells a hundred errors and counts the others', async () => {
  const { errors, errorCount, total } = await checkJobFile('jsonl', bytesOf('bad\n'.repeat(1_234)));
  expect({ errorCount, told: errors.length }).toEqual({ errorCount: 1_234, told: 100 });
  const detail = 'Line 1: Is not valid JSON; each line must be a JSON value of its own.';
  expect(jobFileError(errors, errorCount, total).message).toBe(`None of the 1,234 lines can be used. ${detail}`);
  expect(jobFileError(errors, errorCount).message).toBe(`1,234 lines cannot be used. ${detail}`);
});

it('says that a file is empty, or of another kind', async () => {
  const empty = await checkJobFile('txt', bytesOf('\n  \n'));
  expect(empty).toEqual({ total: 0, first: undefined, errors: [], errorCount: 0 });
  expect(jobFileError(empty.errors, empty.errorCount)).toMatchObject({ message: 'The file holds no prompt.' });
  const other = await checkJobFile('csv', bytesOf('a,b\nc,d'));
  expect(jobFileError(other.errors, other.errorCount, other.total).message).toBe(
    'The file cannot be used. Line 1, prompt: The header has no column prompt, separated by commas; it is "a,b".',
  );
});

it.each([
  ['prompts.jsonl', 'jsonl'],
  ['Prompts.CSV', 'csv'],
  ['a.csv/notes.txt', 'txt'],
  ['prompts.ndjson', 'jsonl'],
  ['text/csv; charset=utf-8', 'csv'],
  ['application/jsonl', 'jsonl'],
  ['application/x-ndjson', 'jsonl'],
  ['text/plain;charset=UTF-8', 'txt'],
  ['application/json', undefined],
  ['picture.png', undefined],
  ['constructor', undefined],
  ['', undefined],
])('knows the format of %s', (name, format) => {
  expect(jobFileFormatOf(name)).toBe(format);
});
