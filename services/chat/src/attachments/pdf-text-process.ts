/**
 * Reads a PDF from its input and writes a `PdfTextResult` to its output. It is a process of its own, because a hostile PDF
 * can use any amount of time and memory.
 */
import { setPriority } from 'node:os';
import { buffer } from 'node:stream/consumers';
import { Worker } from 'node:worker_threads';
import { extractText, getDocumentProxy } from 'unpdf';
import type { PdfTextResult } from './pdf-text.ts';

const [charactersMax = 0, memoryBytesMax = 0] = process.argv.slice(2).map(Number);

// Streams of the platform come first.
setPriority(10);

// A thread sees the memory also while the parser does not return to the event loop.
const watch = `const bytesMax = ${memoryBytesMax};
setInterval(() => { if (process.memoryUsage.rss() > bytesMax) process.kill(process.pid, 'SIGKILL'); }, 20);`;
new Worker(watch, { eval: true }).unref();

const result = await readText(await buffer(process.stdin)).catch(({ name }: Error): PdfTextResult => {
  return { problem: name === 'PasswordException' ? 'encrypted' : 'broken' };
});
process.stdout.write(JSON.stringify(result), () => process.exit());

async function readText(bytes: Buffer): Promise<PdfTextResult> {
  const document = await getDocumentProxy(new Uint8Array(bytes), { verbosity: 0 });
  const { text: pages } = await extractText(document, { mergePages: false });
  const text = pages
    .map((page) => page.trim())
    .filter(Boolean)
    .join('\n\n');
  return text === '' ? { problem: 'without text' } : { text: text.slice(0, charactersMax) };
}
