import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { withoutControlCharacters } from './terminal-text.ts';

/** Writes with backpressure, and without control characters on a terminal. */
export async function writeBytes(bytes: AsyncIterable<Uint8Array>, output: Writable & { isTTY?: boolean }): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of bytes) {
    const shown = output.isTTY ? withoutControlCharacters(decoder.decode(chunk, { stream: true })) : chunk;
    if (!output.write(shown)) await once(output, 'drain');
  }
}
