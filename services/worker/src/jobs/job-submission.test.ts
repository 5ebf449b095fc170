import { JOB_LIMITS, type JobInput, jobOptionsSchema } from '@prodigon/contracts';
import type { JobSource } from '@prodigon/ports';
import { describe, expect, it, onTestFinished } from 'vitest';
import { validateSubmission } from './job-service.ts';

const options = jobOptionsSchema.parse({});

async function* bytesOf(...texts: string[]) {
  for (const text of texts) yield Buffer.from(text);
}

const file = (...texts: string[]): JobSource => ({ type: 'file', format: 'jsonl', bytes: bytesOf(...texts) });
const prompts = (...list: string[]): JobSource => ({ type: 'prompts', prompts: list });

async function validate(source: JobSource, overrides = {}) {
  const validated = await validateSubmission({ options: { ...options, ...overrides }, source });
  onTestFinished(() => validated.close().catch(() => undefined));
  return validated;
}

async function batchesOf({ inputs }: Awaited<ReturnType<typeof validate>>): Promise<readonly JobInput[][]> {
  const batches: JobInput[][] = [];
  for await (const batch of inputs()) batches.push([...batch]);
  return batches;
}

describe('a valid submission', () => {
  it('has the prompts of a list, in order and in one batch', async () => {
    const validated = await validate(prompts('one', 'two'));
    expect(validated).toMatchObject({ total: 2, firstPrompt: 'one' });
    expect(await batchesOf(validated)).toEqual([[{ prompt: 'one' }, { prompt: 'two' }]]);
  });

  it('has the prompts and ids of a file, in order, each time it is read', async () => {
    const validated = await validate(file('"one"\n{"prompt":"two",', '"custom_id":"b"}\n\n', '"three"\n'));
    expect(validated).toMatchObject({ total: 3, firstPrompt: 'one' });
    const inputs = [{ prompt: 'one' }, { prompt: 'two', custom_id: 'b' }, { prompt: 'three' }];
    expect(await batchesOf(validated)).toEqual([inputs]);
    expect(await batchesOf(validated)).toEqual([inputs]);
  });

  // Node's `readline` ends lines at some of these. Text pasted from a PDF contains them.
  it.each([
    ['U+2028', '\u2028'],
    ['U+2029', '\u2029'],
    ['U+0085', '\u0085'],
    ['a vertical tab', '\v'],
    ['a form feed', '\f'],
    ['a carriage return', '\r'],
    ['a line feed', '\n'],
    ['a byte order mark', '\ufeff'],
  ])('keeps %s within a prompt and an id', async (_name, separator) => {
    const inputs = ['one', 'two'].map((word) => ({ prompt: `${word}${separator}end`, custom_id: `${separator}${word}` }));
    const validated = await validate(file(inputs.map((input) => `${JSON.stringify(input)}\n`).join('')));
    expect(await batchesOf(validated)).toEqual([inputs]);
  });

  // Escaping makes the JSON of control characters six times as long. Longer than the line limit, it would be dropped.
  it('keeps the longest prompt when each of its characters is escaped', async () => {
    const prompt = '\u0001'.repeat(JOB_LIMITS.promptCharactersMax);
    const source: JobSource = { type: 'file', format: 'txt', bytes: bytesOf(`${prompt}\nnext\n`) };
    expect((await batchesOf(await validate(source))).flat()).toEqual([{ prompt }, { prompt: 'next' }]);
  });

  it.each([
    [999, [999]],
    [1_000, [1_000]],
    [1_001, [1_000, 1]],
  ])('with a file of %d prompts is read in batches of %j', async (total, sizes) => {
    const validated = await validate(file('"x"\n'.repeat(total)));
    expect(validated.total).toBe(total);
    expect((await batchesOf(validated)).map(({ length }) => length)).toEqual(sizes);
  });

  it('is read in batches of a bounded size when its prompts are long', async () => {
    const validated = await validate(file(`"${'x'.repeat(JOB_LIMITS.promptCharactersMax)}"\n`.repeat(6)));
    expect((await batchesOf(validated)).map(({ length }) => length)).toEqual([5, 1]);
  });

  it('cannot be read after its temporary file is closed', async () => {
    const validated = await validate(file('"one"\n'));
    await validated.close();
    await expect(batchesOf(validated)).rejects.toThrow();
  });
});

describe('the fingerprint of a submission', () => {
  it('is the same for a list and a file with the same prompts', async () => {
    const list = await validate(prompts('one', 'two'));
    const { fingerprint } = await validate(file('"one"\n', '{"prompt":"two"}\n'));
    expect(fingerprint).toBe(list.fingerprint);
    expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
  });

  it('differs when a prompt, an id, the order or an option differs', async () => {
    const submissions = await Promise.all([
      validate(prompts('one', 'two')),
      validate(prompts('two', 'one')),
      validate(prompts('one')),
      validate(file('"one"\n{"prompt":"two","custom_id":"b"}\n')),
      validate(prompts('one', 'two'), { max_tokens: 5 }),
    ]);
    expect(new Set(submissions.map(({ fingerprint }) => fingerprint)).size).toBe(5);
  });
});

describe('an invalid file', () => {
  it('is rejected with its invalid lines only', async () => {
    await expect(validate(file('"one"\n{"prompt":5}\n"three"\n[]\n'))).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      details: [{ line: 2, path: 'prompt' }, { line: 4 }],
    });
  });

  it.each([99, 100, 101])('with %d invalid lines is rejected with at most a hundred details', async (count) => {
    const rejected = expect(validate(file('{}\n'.repeat(count)))).rejects;
    const details = Array(Math.min(count, JOB_LIMITS.lineErrorsMax)).fill(expect.anything());
    await rejected.toMatchObject({ code: 'VALIDATION_ERROR', details, message: expect.stringContaining(String(count)) });
  });

  it('without prompts is rejected', async () => {
    await expect(validate(file('\n\n'))).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
  });
});

describe('a file that cannot be stored', () => {
  const failing = (code: string): JobSource => ({
    type: 'file',
    format: 'txt',
    bytes: (async function* () {
      yield Buffer.from('Hi\n');
      throw Object.assign(new Error(code), { code });
    })(),
  });

  it.each(['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS'])('is rejected with INSUFFICIENT_STORAGE after %s', async (code) => {
    await expect(validate(failing(code))).rejects.toMatchObject({ code: 'INSUFFICIENT_STORAGE', cause: { code } });
  });

  it('is rejected with the original error as the cause after any other failure', async () => {
    await expect(validate(failing('ECONNRESET'))).rejects.toMatchObject({
      code: 'INTERNAL_ERROR',
      cause: { code: 'ECONNRESET' },
    });
  });
});
