import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { AppError } from '@prodigon/contracts';
import { ATTACHMENT_LIMITS } from '@prodigon/contracts/conversations';

export type PdfTextResult =
  | { readonly text: string; readonly problem?: undefined }
  | { readonly problem: 'encrypted' | 'broken' | 'without text' };

export interface PdfTextOptions {
  readonly timeoutMs?: number;
  readonly memoryBytesMax?: number;
  /** Processes that may run concurrently. Further files wait. */
  readonly concurrentMax?: number;
}

/** Returns the text of a PDF. Throws `VALIDATION_ERROR` for one without text that can be read. */
export type ReadPdfText = (bytes: Buffer, signal: AbortSignal) => Promise<string>;

/** Beside this file in the sources, and beside the bundle of an app. */
const ENTRY = fileURLToPath(new URL(`pdf-text-process${extname(import.meta.url)}`, import.meta.url));
const MESSAGES = {
  encrypted: 'The PDF is protected by a password. Remove the password and attach it again.',
  broken: 'The PDF is damaged and cannot be read.',
  'without text': 'The PDF contains no text. It probably consists of scanned pages. Attach them as images instead.',
  'too complex': 'Reading the PDF takes too much time or memory. Attach a part of it, or its text.',
} as const;
/** Files that wait for a process. */
const WAITING_MAX = 20;

const unreadableError = (problem: keyof typeof MESSAGES) => new AppError('VALIDATION_ERROR', MESSAGES[problem]);

/** Creates a reader of PDFs that runs a process for each, and kills it at its limit of time or memory. */
export function createPdfTextReader({
  timeoutMs = 20_000,
  memoryBytesMax = 512 << 20,
  concurrentMax = 2,
}: PdfTextOptions = {}): ReadPdfText {
  let running = 0;
  const waiting: (() => void)[] = [];

  async function runProcess(bytes: Buffer, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    const child = spawn(process.execPath, [ENTRY, String(ATTACHMENT_LIMITS.textCharactersMax), String(memoryBytesMax)], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: {},
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      killSignal: 'SIGKILL',
    });
    const result = await exchange(child, bytes);
    signal.throwIfAborted();
    if (result === undefined) throw unreadableError('too complex');
    if (result.problem !== undefined) throw unreadableError(result.problem);
    return result.text.toWellFormed().replaceAll('\0', '\ufffd');
  }

  return async (bytes, signal) => {
    if (running >= concurrentMax) {
      if (waiting.length >= WAITING_MAX)
        throw new AppError('SERVICE_UNAVAILABLE', 'Too many PDFs are being read.', { retryAfterSeconds: 5 });
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running += 1;
    try {
      return await runProcess(bytes, signal);
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}

/** Returns the result of the process; undefined when it was killed. */
async function exchange(child: ChildProcessByStdio<Writable, Readable, null>, bytes: Buffer): Promise<PdfTextResult | undefined> {
  // A process that was killed breaks the pipe.
  child.stdin.on('error', () => {}).end(bytes);
  const [output] = await Promise.all([text(child.stdout), once(child, 'close')]).catch((error: NodeJS.ErrnoException) => {
    if (error.name === 'AbortError') return [''];
    throw error;
  });
  return output ? (JSON.parse(output) as PdfTextResult) : undefined;
}
