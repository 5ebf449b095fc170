import type { Readable } from 'node:stream';
import { AppError } from '@prodigon/contracts';
import { z } from 'zod';

/** A new job between our services: one line of JSON, then the bytes of the file if there is one. */
export const SUBMISSION_TYPE = 'application/x-prodigon-submission';

export const submissionSchema = z.object({
  options: z.unknown(),
  idempotencyKey: z.string().optional(),
  source: z.discriminatedUnion('type', [
    z.object({ type: z.literal('prompts'), prompts: z.array(z.string()) }),
    z.object({ type: z.literal('file'), format: z.enum(['jsonl', 'csv', 'txt']) }),
  ]),
});
export type SubmissionHeader = z.infer<typeof submissionSchema>;

const LINE_BYTES_MAX = 16 << 20;
const NEWLINE = 0x0a;

export async function* encodeSubmission(line: SubmissionHeader, bytes?: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${JSON.stringify(line)}\n`);
  if (bytes) yield* bytes;
}

/** The first line, and the rest as it arrives. Leaving the rest unread does not end the connection: an answer may follow. */
export async function splitFirstLine(body: Readable): Promise<{ line: string; rest: AsyncIterable<Uint8Array> }> {
  const chunks = readWithoutDestroying(body);
  let head = Buffer.alloc(0);
  for (;;) {
    const end = head.indexOf(NEWLINE);
    if (end >= 0) return { line: head.toString('utf8', 0, end), rest: withHead(head.subarray(end + 1), chunks) };
    const { done, value } = await chunks.next();
    if (done || head.length > LINE_BYTES_MAX) throw new AppError('BAD_REQUEST');
    head = Buffer.concat([head, value]);
  }
}

/** A request's body as it arrives. Who leaves early can still be answered. */
export function readWithoutDestroying(body: Readable): AsyncIterableIterator<Uint8Array> {
  return body.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Uint8Array>;
}

/** Lets what is left of a body go by, whoever has begun to read it and may be waiting for more. */
export function discardBody(body: Readable): void {
  // While somebody waits for `readable`, nothing flows.
  body.removeAllListeners('readable').on('data', () => {});
}

async function* withHead(head: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  yield* rest;
}
