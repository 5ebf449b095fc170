import { describe, expect, it } from 'vitest';
import { AppError } from './error-codes.ts';
import { checkJobFile, type JobFileLine, jobFileError, readJobFile } from './job-file.ts';
import type { JobFileFormat } from './jobs.ts';
import { JOB_LIMITS } from './jobs.ts';

const encoder = new TextEncoder();

async function* chunksOf(...chunks: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === 'string' ? encoder.encode(chunk) : chunk;
}

async function linesOf(format: JobFileFormat, ...chunks: (string | Uint8Array)[]): Promise<JobFileLine[]> {
  const lines: JobFileLine[] = [];
  for await (const batch of readJobFile(format, chunksOf(...chunks))) lines.push(...batch);
  return lines;
}

/** Returns `[line, prompt, custom_id?]` for a prompt and `{ line: 'path: message' }` for an error. */
const read = async (format: JobFileFormat, ...chunks: (string | Uint8Array)[]) =>
  (await linesOf(format, ...chunks)).map((line) =>
    'input' in line
      ? [line.line, line.input.prompt, ...(line.input.custom_id === undefined ? [] : [line.input.custom_id])]
      : { [line.line]: [line.error.path, line.error.message].filter(Boolean).join(': ') },
  );

const CORPUS: Record<JobFileFormat, string> = {
  jsonl:
    '\ufeff{"prompt":"Hi 👋🏽","custom_id":"a"}\r\n\n  \n"a string"\n{"prompt":" "}\nnot json\n{"prompt":"x","custom_id":"a"}\n"last 日本"',
  csv: '\ufeffnote,"prompt",custom_id\r\n1,"Hi, 👋🏽\r\nsays ""she""",a\r\n\r\n2,plain 5" disk,b\n3,"un"clean,c\n,,\n4,a,b,c\n5,dup,a\n6,"never closed,',
  txt: '\ufeffHi 👋🏽\r\n\r\n   \n  second "line", with everything\n\t\nlast 日本',
};

describe.each(['jsonl', 'csv', 'txt'] as const)('a UTF-16 file of type %s', (format) => {
  const text = '\ufeff"prompt"\n"Why?"\n';
  it.each([
    ['with a byte order mark', Buffer.from(text, 'utf16le')],
    ['without one', Buffer.from(text.slice(1), 'utf16le')],
    ['in big-endian order', Buffer.from(text, 'utf16le').swap16()],
  ])('%s is rejected by name, not line by line', async (_name, bytes) => {
    const rejection = { code: 'VALIDATION_ERROR', message: 'The file is UTF-16 text. Save it as UTF-8.' };
    await expect(linesOf(format, bytes)).rejects.toMatchObject(rejection);
    await expect(linesOf(format, ...Array.from(bytes, (byte) => Uint8Array.of(byte)))).rejects.toMatchObject(rejection);
  });
});

/** Texts with other line ends than LF and CRLF: CR as on old Macs, and a mixture. */
const withCarriageReturns = (text: string) => text.replace(/\r?\n/g, '\r');
function withMixedLineEnds(text: string): string {
  let count = 0;
  return text.replace(/\r?\n/g, () => ['\r', '\r\n', '\n', '\r'][count++ % 4] as string);
}

const FORMATS = Object.keys(CORPUS) as JobFileFormat[];
const CASES = FORMATS.flatMap((format): [JobFileFormat, string, string][] => [
  [format, 'LF and CRLF', CORPUS[format]],
  [format, 'CR', withCarriageReturns(CORPUS[format])],
  [format, 'mixed line ends', withMixedLineEnds(CORPUS[format])],
]);

describe.each(CASES)('readJobFile with %s and %s', (format, _lineEnds, text) => {
  const bytes = Uint8Array.from([...encoder.encode(text), 10, 0xff, 0xfe, 10]);

  it('returns the same lines however the bytes are split into chunks', async () => {
    const expected = await linesOf(format, bytes);
    expect(expected.length).toBeGreaterThan(2);
    expect(await linesOf(format, ...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(expected);
    for (let cut = 0; cut <= bytes.length; cut += 1)
      expect(await linesOf(format, bytes.subarray(0, cut), bytes.subarray(cut))).toEqual(expected);
  });

  it('copies what it buffers, because the source may reuse its memory', async () => {
    async function* chunksInReusedMemory() {
      const memory = new Uint8Array(7);
      for (let from = 0; from < bytes.length; from += 7) {
        const part = bytes.subarray(from, from + 7);
        memory.set(part);
        yield memory.subarray(0, part.length);
      }
    }
    const lines: JobFileLine[] = [];
    for await (const batch of readJobFile(format, chunksInReusedMemory())) lines.push(...batch);
    expect(lines).toEqual(await linesOf(format, bytes));
  });
});

describe.each(FORMATS)('line ends of %s', (format) => {
  it('can be LF, CRLF or CR, also mixed, and each counts as one line', async () => {
    const lineEndsAsLf = (lines: unknown) => JSON.parse(JSON.stringify(lines).replace(/\\r\\n|\\r/g, '\\n'));
    const expected = lineEndsAsLf(await read(format, CORPUS[format]));
    expect(lineEndsAsLf(await read(format, withCarriageReturns(CORPUS[format])))).toEqual(expected);
    expect(lineEndsAsLf(await read(format, withMixedLineEnds(CORPUS[format])))).toEqual(expected);
  });
});

describe('JSON lines', () => {
  it('reads objects and strings, and reports the line of each problem', async () => {
    expect(await read('jsonl', CORPUS.jsonl)).toEqual([
      [1, 'Hi 👋🏽', 'a'],
      [4, 'a string'],
      { 5: 'prompt: Must not be blank' },
      { 6: 'Is not valid JSON; each line must be one JSON value' },
      { 7: 'custom_id: Is the same as in line 1' },
      [8, 'last 日本'],
    ]);
  });

  it.each([
    ['[1]', 'Must be an object with a prompt, or the prompt as a string'],
    ['null', 'Must be an object with a prompt, or the prompt as a string'],
    ['{}', 'prompt: Is missing'],
    ['{"prompt":5}', 'prompt: Must be text'],
    ['""', 'prompt: Must not be blank'],
    [`"${'x'.repeat(1_000_001)}"`, 'prompt: Must have at most 1,000,000 characters'],
    ['"a\\u0000b"', 'prompt: Must not contain the character U+0000'],
    ['"a\\ud83db"', 'prompt: Must not contain half of a surrogate pair'],
    ['{"prompt":"x","custom_id":7}', 'custom_id: Must be text'],
    ['{"prompt":"x","custom_id":""}', 'custom_id: Must not be empty'],
    [`{"prompt":"x","custom_id":"${'i'.repeat(129)}"}`, 'custom_id: Must have at most 128 characters'],
    ['{"prompt":"x","method":"POST"}', 'Unknown key "method"; the keys are prompt and custom_id'],
    [`{"prompt":"x","${'k'.repeat(99)}":1}`, `Unknown key "${'k'.repeat(39)}…"; the keys are prompt and custom_id`],
  ])('rejects %.40s with a specific message', async (line, problem) => {
    expect(await read('jsonl', line)).toEqual([{ 1: problem }]);
  });
});

describe('CSV', () => {
  it('reads quoted fields with line ends inside, and numbers a record by its first line', async () => {
    expect(await read('csv', CORPUS.csv)).toEqual([
      [2, 'Hi, 👋🏽\r\nsays "she"', 'a'],
      [5, 'plain 5" disk', 'b'],
      { 6: 'Has text after a closing quote; escape a quote inside quotes as ""' },
      { 8: 'Has 4 columns, and the header 3; quote text that contains a comma' },
      { 9: 'custom_id: Is the same as in line 2' },
      { 10: 'Opens a quote that is never closed' },
    ]);
  });

  it('treats an empty or missing custom id as none', async () => {
    expect(await read('csv', 'prompt\n"a\nb"\nc')).toEqual([
      [2, 'a\nb'],
      [4, 'c'],
    ]);
    expect(await read('csv', ' Prompt ,custom_id\na,\nb\n""\n')).toEqual([
      [2, 'a'],
      [3, 'b'],
      { 4: 'prompt: Must not be blank' },
    ]);
  });

  it('reports a missing prompt column as the only error', async () => {
    expect(await read('csv', 'question;id\na;b\nc;d\n')).toEqual([
      { 1: 'prompt: The header has no column prompt, separated by commas: "question;id"' },
    ]);
    expect(await read('csv', 'prompt,prompt\na,b\n')).toEqual([{ 1: 'prompt: Appears twice in the header' }]);
    expect(await read('csv', '\n\nid,text')).toEqual([
      { 3: 'prompt: The header has no column prompt, separated by commas: "id,text"' },
    ]);
  });

  it('ignores the content of other columns, even if it is not UTF-8', async () => {
    expect(await read('csv', 'note,prompt\n', Uint8Array.of(0xe9), ',a\n')).toEqual([[2, 'a']]);
  });
});

describe('plain text', () => {
  it('reads one unmodified prompt from each line', async () => {
    expect(await read('txt', CORPUS.txt)).toEqual([
      [1, 'Hi 👋🏽'],
      [4, '  second "line", with everything'],
      [6, 'last 日本'],
    ]);
    expect(await read('txt', 'a\ufeff\n\ufeffb')).toEqual([
      [1, 'a\ufeff'],
      [2, '\ufeffb'],
    ]);
    expect(await read('txt', Uint8Array.of(0xef, 0xbb), 'a')).toEqual([{ 1: 'Is not valid UTF-8 text' }]);
    expect(await read('txt', Uint8Array.of(0xef, 0xbb))).toEqual([{ 1: 'Is not valid UTF-8 text' }]);
    expect(await read('txt', '\ufeff')).toEqual([]);
    expect(await read('txt', 'é')).toEqual([[1, 'é']]);
    expect(await read('txt')).toEqual([]);
  });

  it.each(['jsonl', 'txt'] as const)('reports invalid UTF-8 as an error of its line (%s)', async (format) => {
    expect(await read(format, '"a"\n"', Uint8Array.of(0xe9), '"\n"b"\n')).toEqual([
      [1, format === 'txt' ? '"a"' : 'a'],
      { 2: 'Is not valid UTF-8 text' },
      [3, format === 'txt' ? '"b"' : 'b'],
    ]);
  });
});

describe('limits', () => {
  const TOO_LONG = 'Is longer than 1,048,576 bytes';
  const mebibyte = new Uint8Array(JOB_LIMITS.lineBytesMax).fill(120);

  it.each([
    ['jsonl', '', '"next"'],
    ['csv', 'prompt\n', 'next'],
    ['txt', '', 'next'],
  ] as const)('rejects an oversized line of %s and continues with the next', async (format, head, next) => {
    const line = head ? 2 : 1;
    const fits = await read(format, head, mebibyte, '\r\n', next);
    expect(fits[0]).not.toEqual({ [line]: TOO_LONG });
    expect(fits[1]).toEqual([line + 1, 'next']);
    expect(await read(format, head, mebibyte, 'x\n', next)).toEqual([{ [line]: TOO_LONG }, [line + 1, 'next']]);
    expect(await read(format, head, mebibyte, mebibyte, 'x\r\n', next)).toEqual([{ [line]: TOO_LONG }, [line + 1, 'next']]);
    expect(await read(format, head, mebibyte, mebibyte)).toEqual([{ [line]: TOO_LONG }]);
  });

  it('counts the lines inside an oversized record', async () => {
    expect(await read('csv', 'prompt\n"\n\n', mebibyte, '\n"\nnext')).toEqual([{ 2: TOO_LONG }, [6, 'next']]);
  });

  it('throws PAYLOAD_TOO_LARGE for more prompts than the limit, valid and invalid', async () => {
    const full = '"a"\n'.repeat(JOB_LIMITS.fileLinesMax - 1);
    expect(await linesOf('jsonl', full, 'bad\n\n')).toHaveLength(JOB_LIMITS.fileLinesMax);
    const tooMany = linesOf('jsonl', full, 'bad\n', '"one more"');
    await expect(tooMany).rejects.toEqual(new AppError('PAYLOAD_TOO_LARGE', 'The file holds more than 50,000 prompts.'));
  });

  it.each(['', ' '])('throws PAYLOAD_TOO_LARGE for more than a million blank lines: %j', async (line) => {
    const tooMany = linesOf('txt', 'a\n', `${line}\n`.repeat(1_000_001), 'b\n'.repeat(100_000));
    await expect(tooMany).rejects.toEqual(new AppError('PAYLOAD_TOO_LARGE', 'The file has more than 1,000,000 blank lines.'));
  });

  it('stops reading a file at the size limit', async () => {
    let chunks = 0;
    async function* endless() {
      for (;;) {
        chunks += 1;
        yield mebibyte;
      }
    }
    const reading = (async () => {
      for await (const _ of readJobFile('txt', endless())) _;
    })();
    await expect(reading).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE', message: 'The file is larger than 200 MiB.' });
    expect(chunks).toBe(201);
  });

  it('yields small batches, however large a chunk is', async () => {
    const sizes: number[] = [];
    for await (const batch of readJobFile('txt', chunksOf(`${'x'.repeat(999)}\n`.repeat(5_000)))) sizes.push(batch.length);
    expect(Math.max(...sizes)).toBeLessThan(100);
  });
});

describe('checkJobFile', () => {
  it('returns the number of prompts, the first one and the errors', async () => {
    const check = await checkJobFile('jsonl', chunksOf('"a"\n{}\n', '"b"\n'));
    expect(check).toEqual({
      total: 2,
      first: { prompt: 'a' },
      errors: [{ line: 2, path: 'prompt', message: 'Is missing' }],
      errorCount: 1,
    });
    expect(jobFileError(check.errors, check.errorCount, check.total)).toMatchObject({
      code: 'VALIDATION_ERROR',
      message: '1 of 3 lines cannot be used. Line 2, prompt: Is missing.',
      details: check.errors,
    });
  });

  it('reports the first hundred errors and counts the others', async () => {
    const { errors, errorCount, total } = await checkJobFile('jsonl', chunksOf('bad\n'.repeat(1_234)));
    expect({ errorCount, reported: errors.length }).toEqual({ errorCount: 1_234, reported: 100 });
    const detail = 'Line 1: Is not valid JSON; each line must be one JSON value.';
    expect(jobFileError(errors, errorCount, total).message).toBe(`None of the 1,234 lines can be used. ${detail}`);
    expect(jobFileError(errors, errorCount).message).toBe(`1,234 lines cannot be used. ${detail}`);
    expect(jobFileError(errors, 1).message).toBe(`1 line cannot be used. ${detail}`);
  });

  it('limits the details of an error to the first hundred lines', () => {
    const errors = Array.from({ length: 101 }, (_, line) => ({ line, path: '', message: 'x' }));
    expect(jobFileError(errors, 101, 0).details).toEqual(errors.slice(0, 100));
  });

  it('reports an empty file and a file of another format', async () => {
    const empty = await checkJobFile('txt', chunksOf('\n  \n'));
    expect(empty).toEqual({ total: 0, first: undefined, errors: [], errorCount: 0 });
    expect(jobFileError(empty.errors, empty.errorCount)).toMatchObject({ message: 'The file holds no prompt.' });
    const other = await checkJobFile('csv', chunksOf('a,b\nc,d'));
    expect(jobFileError(other.errors, other.errorCount, other.total).message).toBe(
      'The file cannot be used. Line 1, prompt: The header has no column prompt, separated by commas: "a,b".',
    );
  });
});
