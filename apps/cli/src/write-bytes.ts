import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Writes with backpressure. */
export async function writeBytes(bytes: AsyncIterable<Uint8Array>, output: Writable): Promise<void> {
  for await (const chunk of bytes) if (!output.write(chunk)) await once(output, 'drain');
}
