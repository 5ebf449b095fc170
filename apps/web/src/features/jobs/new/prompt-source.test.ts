import { JOB_LIMITS } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { detectFormat, type Source, sourceFormat, validateSource, withoutInvalidLines } from './prompt-source.ts';

const validate = (text: string, format = detectFormat(text)) =>
  validateSource({ type: 'text', text }, format, { signal: new AbortController().signal, onProgress: () => {} });

describe('prompt source', () => {
  it('detects JSON Lines by the first line, and plain text otherwise', () => {
    expect(detectFormat('\n {"prompt": "Why?"}')).toBe('jsonl');
    expect(detectFormat('"Why?"\n"How?"')).toBe('jsonl');
    expect(detectFormat('{"prompt": "broken')).toBe('jsonl');
    expect(detectFormat('\ufeff"Why\u2028not?"\n"How?"')).toBe('jsonl');
    for (const text of ['Why?', '"Why" is a question', '{braces} first', '42', '']) expect(detectFormat(text)).toBe('txt');
  });

  it('uses the selected format of pasted text', () => {
    const source: Source = { type: 'text', text: '{"prompt": "Why?"}' };
    expect(sourceFormat(source, 'txt')).toBe('txt');
    expect(sourceFormat(source, 'auto')).toBe('jsonl');
  });

  it('derives the format of a file from its name or its type', () => {
    const format = (name: string, type = '') => sourceFormat({ type: 'file', file: new File([''], name, { type }) }, 'auto');
    expect([format('a.CSV'), format('a.jsonl'), format('prompts', 'text/plain'), format('a.pdf', 'application/pdf')]).toEqual([
      'csv',
      'jsonl',
      'txt',
      undefined,
    ]);
  });

  it('reports each invalid line by its number', async () => {
    const found = await validate('{"prompt":"Why?","custom_id":"a"}\n{"prompt":" "}\n\nodd\n"How?"');
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

  it('counts all prompts but keeps only those of one request', async () => {
    const found = await validate(Array.from({ length: 20_000 }, (_, index) => `Question ${index}`).join('\n'));
    expect(found.total).toBe(20_000);
    expect(found.first).toHaveLength(JOB_LIMITS.promptsMax);
  });

  it('rejects a source with more prompts than a job allows', async () => {
    const found = await validate('x\n'.repeat(JOB_LIMITS.fileLinesMax + 1));
    expect(found.problem).toContain('more than 50,000 prompts');
  });

  it('reads a file in chunks that split characters', async () => {
    const bytes = new TextEncoder().encode('Wie spät?\nWarum?\n');
    const file = new File([bytes], 'a.txt');
    const stream = () =>
      new ReadableStream({
        start(controller) {
          for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
          controller.close();
        },
      });
    const source: Source = { type: 'file', file: Object.assign(file, { stream }) };
    const found = await validateSource(source, 'txt', { signal: new AbortController().signal, onProgress: () => {} });
    expect(found.first.map(({ input }) => input.prompt)).toEqual(['Wie spät?', 'Warum?']);
  });

  it('omits the invalid records of a file, also those that span several lines', async () => {
    const csv = 'custom_id,prompt\na,"Why\nnot?"\nb,"\n"\na,Again?\n,"Say ""how"""\n';
    const rest = await withoutInvalidLines(new File([csv], 'my.questions.csv'), 'csv');
    expect([rest.name, await rest.text()]).toEqual([
      'my.questions.jsonl',
      '{"prompt":"Why\\nnot?","custom_id":"a"}\n{"prompt":"Say \\"how\\""}\n',
    ]);
  });

  it('rejects with the reason of an aborted signal', async () => {
    const signal = AbortSignal.abort(new Error('changed'));
    const source: Source = { type: 'text', text: 'Why?' };
    await expect(validateSource(source, 'txt', { signal, onProgress: () => {} })).rejects.toThrow('changed');
  });
});
