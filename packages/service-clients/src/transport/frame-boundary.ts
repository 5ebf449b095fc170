const FRAME_END = Buffer.from('\n\n');

/**
 * Passes server-sent events on in whole frames: what the network has cut off waits for its rest, and is
 * dropped when the rest never comes. So something may be written behind any chunk.
 */
export async function* splitAtFrameBoundary(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest: Buffer | undefined;
  for await (const chunk of body) {
    const bytes = rest ? Buffer.concat([rest, chunk]) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const end = bytes.lastIndexOf(FRAME_END);
    if (end < 0) {
      rest = bytes;
      continue;
    }
    const boundary = end + FRAME_END.length;
    rest = boundary === bytes.length ? undefined : bytes.subarray(boundary);
    yield bytes.subarray(0, boundary);
  }
}
