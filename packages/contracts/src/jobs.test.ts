import { expect, it } from 'vitest';
import { jobFileFormatOf } from './jobs.ts';

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
])('maps %s to the format %s', (name, format) => {
  expect(jobFileFormatOf(name)).toBe(format);
});
