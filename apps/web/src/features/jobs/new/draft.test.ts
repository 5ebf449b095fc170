import { JOB_LIMITS } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { aJob } from '../job.test-support.ts';
import { EMPTY_FIELDS, fieldsOf, readFields } from './draft.ts';
import { formatOf, formatOfText, type Source, validateSource } from './prompt-source.ts';
import { lineErrors } from './submit-job.ts';

const check = (text: string, format = formatOfText(text)) =>
  validateSource({ type: 'text', text }, format, { signal: new AbortController().signal, onProgress: () => {} });

describe('what is pasted', () => {
  it('is taken for JSON lines when it looks like them, and for one prompt a line otherwise', () => {
    expect(formatOfText('\n {"prompt": "Why?"}')).toBe('jsonl');
    expect(formatOfText('"Why?"\n"How?"')).toBe('jsonl');
    expect(formatOfText('{"prompt": "broken')).toBe('jsonl');
    for (const text of ['Why?', '"Why" is a question', '{braces} first', '42', '']) expect(formatOfText(text)).toBe('txt');
  });

  it('is read as its writer says', () => {
    const source: Source = { type: 'text', text: '{"prompt": "Why?"}' };
    expect(formatOf(source, 'txt')).toBe('txt');
    expect(formatOf(source, 'auto')).toBe('jsonl');
  });

  it('is read by its name when it is a file, or by its type, or not at all', () => {
    const format = (name: string, type = '') => formatOf({ type: 'file', file: new File([''], name, { type }) }, 'auto');
    expect([format('a.CSV'), format('a.jsonl'), format('prompts', 'text/plain'), format('a.pdf', 'application/pdf')]).toEqual([
      'csv',
      'jsonl',
      'txt',
      undefined,
    ]);
  });

  it('is checked line by line: each bad one is told with its number', async () => {
    const found = await check('{"prompt":"Why?","custom_id":"a"}\n{"prompt":" "}\n\nodd\n"How?"');
    expect(found).toMatchObject({ total: 2, errorCount: 2, hasCustomIds: true, problem: null });
    expect(found.errors.map(({ line, path }) => [line, path])).toEqual([
      [2, 'prompt'],
      [4, ''],
    ]);
    expect(found.first.map(({ line, input }) => [line, input.prompt])).toEqual([
      [1, 'Why?'],
      [5, 'How?'],
    ]);
  });

  it('is counted but not held when it is large', async () => {
    const found = await check(Array.from({ length: 20_000 }, (_, index) => `Question ${index}`).join('\n'));
    expect(found.total).toBe(20_000);
    expect(found.first).toHaveLength(JOB_LIMITS.promptsMax);
  });

  it('is refused as a whole when there are more prompts than a job may have', async () => {
    const found = await check('x\n'.repeat(JOB_LIMITS.fileLinesMax + 1));
    expect(found.problem).toContain('more than 50,000 prompts');
  });
});

describe('the options', () => {
  it('are the defaults of the API when nothing is changed', () => {
    expect(readFields(EMPTY_FIELDS)).toEqual({
      options: { max_tokens: 1_024, temperature: 0.7, priority: 0, expires_in_hours: 24 },
    });
  });

  it('are checked by the schema of the API, field by field', () => {
    const read = readFields({ ...EMPTY_FIELDS, max_tokens: '', temperature: '2.5', priority: '1.5', expires_in_hours: '169' });
    expect('errors' in read && Object.keys(read.errors).sort()).toEqual([
      'expires_in_hours',
      'max_tokens',
      'priority',
      'temperature',
    ]);
  });

  it('of a clone are those of the job, under a name of its own', () => {
    const job = aJob({ name: 'x'.repeat(JOB_LIMITS.nameCharactersMax), model: 'prodigon-sim?tokens=5', priority: 3 });
    const fields = fieldsOf(job);
    expect(fields).toMatchObject({ model: 'prodigon-sim?tokens=5', priority: '3', expires_in_hours: '24' });
    expect(fields.name).toMatch(/x \(copy\)$/);
    expect('options' in readFields(fields)).toBe(true);
  });
});

describe('what the server says', () => {
  it('is shown by the lines that the prompts were written in', () => {
    const first = [
      { line: 2, input: { prompt: 'Why?' } },
      { line: 5, input: { prompt: 'How?' } },
    ];
    const details = [
      { path: 'custom_id', message: 'Is the same as in line 1', line: 9 },
      { path: 'prompts.1', message: 'Too long' },
      { path: 'max_tokens', message: 'Too big' },
    ];
    expect(lineErrors(details, first)).toEqual([
      { path: 'custom_id', message: 'Is the same as in line 1', line: 9 },
      { path: 'prompt', message: 'Too long', line: 5 },
    ]);
  });
});
