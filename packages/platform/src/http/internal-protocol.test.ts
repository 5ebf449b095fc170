import { Readable } from 'node:stream';
import { AppError } from '@prodigon/contracts';
import type { GenerationOutcome, ResponseMetadata } from '@prodigon/ports';
import { describe, expect, it } from 'vitest';
import {
  decodeOutcome,
  decodeResponseMetadata,
  decodeResponseSummary,
  encodeOutcome,
  encodeResponseMetadata,
  encodeResponseSummary,
  encodeSubmission,
  splitFirstLine,
} from './internal-protocol.ts';

const METADATA: ResponseMetadata = {
  model: 'modèle 🚀',
  provider: 'p',
  attempts: [{ provider: 'p', model: 'm', error: 'RATE_LIMITED', latencyMs: 1.5 }],
  warning: 'Zeile\n\u007f',
  rateLimits: { requests: { limit: 1, remaining: null, resetMs: 2 }, tokens: null },
};
const USAGE = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
const OUTCOME: GenerationOutcome = {
  status: 'failed',
  finish: null,
  usage: USAGE,
  estimated: true,
  costUsd: null,
  timings: { ttftMs: null, totalMs: 4 },
  sequence: 5,
  error: new AppError('INFERENCE_ERROR', 'It failed.', { cause: 'secret' }),
};

describe('a header between the services', () => {
  it('carries any text in printable ASCII, unchanged', () => {
    const header = encodeResponseMetadata(METADATA);
    expect(header).toMatch(/^[\x20-\x7e]+$/);
    expect(header).toContain('\\u007f');
    expect(decodeResponseMetadata(header)).toEqual(METADATA);
  });

  it('carries the metadata only, without other fields of the response', () => {
    expect(encodeResponseMetadata({ ...METADATA, text: 'private' } as ResponseMetadata)).not.toContain('private');
  });

  it('carries the summary of a unary response without its body', () => {
    const completion = { ...METADATA, usage: USAGE, estimated: false, costUsd: 0.5, finish: 'stop', body: 'the whole body' };
    const header = encodeResponseSummary(completion);
    expect(header).not.toContain('the whole body');
    const { body: _, ...summary } = completion;
    expect(decodeResponseSummary(header)).toEqual(summary);
  });

  it.each(['', 'no JSON', '{}'])('is rejected when it is %j', (header) => {
    expect(() => decodeResponseMetadata(header)).toThrow();
    expect(() => decodeResponseSummary(header)).toThrow();
    expect(decodeOutcome(header)).toBeUndefined();
  });
});

describe('the outcome of a stream', () => {
  it('carries code and message of its error, and never the cause', () => {
    const trailer = encodeOutcome(OUTCOME);
    expect(trailer).not.toContain('secret');
    const { error, ...rest } = decodeOutcome(trailer) ?? {};
    const { error: _, ...expected } = OUTCOME;
    expect(rest).toEqual(expected);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: 'INFERENCE_ERROR', message: 'It failed.' });
  });

  it('has no error after a success', () => {
    const { error: _, ...completed } = { ...OUTCOME, status: 'completed' as const, finish: 'stop' };
    expect(decodeOutcome(encodeOutcome(completed))).toEqual({ ...completed, error: undefined });
  });

  it('is unknown without its trailer, and with a trailer that occurs twice', () => {
    const trailer = encodeOutcome(OUTCOME);
    expect([decodeOutcome(undefined), decodeOutcome([trailer, trailer])]).toEqual([undefined, undefined]);
  });
});

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of bytes) text += Buffer.from(chunk).toString();
  return text;
}

describe('a job submission', () => {
  const header = { options: { name: 'Ä\n' }, source: { type: 'file', format: 'txt' } } as const;

  it('is one line of JSON and then the bytes of the file, however they are split', async () => {
    async function* file() {
      yield Buffer.from('first\nsec');
      yield Buffer.from('ond\n');
    }
    const bytes: Uint8Array[] = [];
    for await (const chunk of encodeSubmission(header, file())) bytes.push(chunk);
    const whole = Buffer.concat(bytes);
    const lineLength = whole.indexOf('\n');
    for (const cut of [1, lineLength, lineLength + 1, lineLength + 2, whole.length]) {
      const { line, rest } = await splitFirstLine(Readable.from([whole.subarray(0, cut), whole.subarray(cut)]));
      expect(JSON.parse(line)).toEqual(header);
      expect(await textOf(rest)).toBe('first\nsecond\n');
    }
  });

  it('yields no empty chunk for a body that ends with its first line', async () => {
    const chunks: Uint8Array[] = [];
    const { line, rest } = await splitFirstLine(Readable.from([Buffer.from('{}\n')]));
    for await (const chunk of rest) chunks.push(chunk);
    expect([line, chunks]).toEqual(['{}', []]);
  });

  it('is rejected when its first line does not end', async () => {
    await expect(splitFirstLine(Readable.from([Buffer.from('{}')]))).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  it('is rejected when its first line exceeds 16 MiB', async () => {
    const limit = 16 << 20;
    const lineOf = async (bytes: number) => {
      const body = Readable.from([Buffer.alloc(bytes, 'x'), Buffer.from('\n')]);
      return (await splitFirstLine(body)).line.length;
    };
    expect(await lineOf(limit)).toBe(limit);
    await expect(lineOf(limit + 1)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });
});
