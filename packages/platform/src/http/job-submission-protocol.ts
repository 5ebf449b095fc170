import type { Readable } from 'node:stream';
import { AppError } from '@prodigon/contracts';
import { z } from 'zod';

/** Media type of a job submission between the services: one line of JSON, then the bytes of the file if there is one. */
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

export async function* encodeSubmission(header: SubmissionHeader, bytes?: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${JSON.stringify(header)}\n`);
  if (bytes) yield* bytes;
}

/** Reads the first line of a body, and returns the rest as it arrives. An unread rest leaves the connection open for the response. */
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

/** Iterates over a body without destroying it when the reader stops early, so that the response can still be sent. */
export function readWithoutDestroying(body: Readable): AsyncIterableIterator<Uint8Array> {
  return body.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Uint8Array>;
}

/** Discards the rest of a body, also when another reader has stopped in the middle of it. */
export function discardBody(body: Readable): void {
  // A stream with a `readable` listener does not flow.
  body.removeAllListeners('readable').on('data', () => {});
}

async function* withHead(head: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  yield* rest;
}
