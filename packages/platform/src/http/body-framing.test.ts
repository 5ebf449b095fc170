import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { discardBody, frameBody, readFramedBody, readRequestBody } from './body-framing.ts';

async function* chunksOf(...texts: string[]) {
  for (const text of texts) yield Buffer.from(text);
}

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

const read = async (...chunks: Uint8Array[]) => (await bytesOf(readFramedBody(Readable.from(chunks)))).toString();

describe('a framed body', () => {
  it('is the same however its frames are split', async () => {
    const framed = await bytesOf(frameBody(chunksOf('one\n', '', 'twö\n')));
    for (let cut = 0; cut <= framed.length; cut += 1) {
      expect(await read(framed.subarray(0, cut), framed.subarray(cut))).toBe('one\ntwö\n');
    }
    expect(await read(...Array.from(framed, (byte) => Uint8Array.of(byte)))).toBe('one\ntwö\n');
  });

  it('is incomplete when it ends anywhere before its end mark', async () => {
    const framed = await bytesOf(frameBody(chunksOf('one\n', 'two\n')));
    for (let cut = 0; cut < framed.length; cut += 1) {
      await expect(read(framed.subarray(0, cut))).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    }
  });

  it('can be empty, and is rejected with bytes after its end mark', async () => {
    const empty = await bytesOf(frameBody(chunksOf()));
    expect(await read(empty)).toBe('');
    await expect(read(empty, Buffer.from('x'))).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  it('is incomplete when its source fails', async () => {
    async function* failing() {
      yield Buffer.from('one\n');
      throw new Error('disconnected');
    }
    const sent: Uint8Array[] = [];
    const sending = async () => {
      for await (const frame of frameBody(failing())) sent.push(frame);
    };
    await expect(sending()).rejects.toThrow('disconnected');
    await expect(read(...sent)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });
});

describe('a request body', () => {
  it('ends with CANCELLED when the client disconnects', async () => {
    const body = new PassThrough();
    body.write('one');
    const reading = bytesOf(readRequestBody(body));
    body.destroy(new Error('aborted'));
    await expect(reading).rejects.toMatchObject({ code: 'CANCELLED', cause: new Error('aborted') });
    await expect(bytesOf(readRequestBody(body))).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('can be discarded after its reader stopped early, so that the response can still be sent', async () => {
    const body = new PassThrough();
    body.write('one');
    for await (const _ of readRequestBody(body)) break;
    expect(body.destroyed).toBe(false);
    body.on('readable', () => {});
    discardBody(body);
    body.end('x'.repeat(1 << 20));
    await once(body, 'end');
  });
});
