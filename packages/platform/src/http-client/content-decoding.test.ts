import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { constants, createGzip, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createConnectionPool } from './connection-pool.ts';
import { decodeContent } from './content-decoding.ts';

type Respond = Parameters<typeof createServer>[1];

async function request(respond: Respond) {
  const server = createServer(respond);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const pool = createConnectionPool({ origin: `http://127.0.0.1:${port}`, connectTimeoutMs: 5_000 });
  onTestFinished(async () => {
    await pool.close();
    server.close();
  });
  const { signal } = new AbortController();
  return pool.send({ method: 'GET', path: '/', headers: {}, body: null, signal });
}

const tooLarge = () => new Error('Too large');

describe('a response with a content encoding', () => {
  it('arrives piece by piece while the server sends it', async () => {
    const second = Promise.withResolvers<void>();
    const response = decodeContent(
      await request(async (_request, reply) => {
        reply.writeHead(200, { 'content-encoding': 'gzip' });
        const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH });
        gzip.pipe(reply);
        gzip.write('first');
        await second.promise;
        gzip.end(' second');
      }),
    );
    expect(String(await response.read())).toBe('first');
    second.resolve();
    expect(String(await response.readAll(100, tooLarge))).toBe(' second');
    expect(await response.read()).toBeNull();
  });

  it('is bounded by its decoded size', async () => {
    const bomb = gzipSync(Buffer.alloc(1 << 20));
    const response = decodeContent(
      await request((_request, reply) => reply.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)),
    );
    await expect(response.readAll(1 << 16, tooLarge)).rejects.toThrow('Too large');
  });

  it.each([
    ['truncated', gzipSync('a long text '.repeat(100)).subarray(0, -10)],
    ['damaged', Buffer.concat([gzipSync('text').subarray(0, 12), Buffer.alloc(20, 0xff)])],
  ])('fails when it is %s', async (_case, body) => {
    const response = decodeContent(
      await request((_request, reply) => reply.writeHead(200, { 'content-encoding': 'gzip' }).end(body)),
    );
    await expect(response.readAll(1 << 20, tooLarge)).rejects.toThrow();
  });

  it('is rejected when the encoding is unknown', async () => {
    const response = await request((_request, reply) => reply.writeHead(200, { 'content-encoding': 'toString' }).end('x'));
    expect(() => decodeContent(response)).toThrow('unknown content encoding');
    response.cancel();
  });

  it('is empty when its body is', async () => {
    const response = decodeContent(await request((_request, reply) => reply.writeHead(200, { 'content-encoding': 'br' }).end()));
    expect(await response.read()).toBeNull();
  });
});

describe('a response without a content encoding', () => {
  it.each([
    ['gzip', gzipSync('text')],
    ['zstd', zstdCompressSync('text')],
  ])('is decoded when it starts as %s, in pieces of any size', async (_name, bytes) => {
    const read = async (cut: number) => {
      const response = await request((_request, reply) => {
        reply.write(bytes.subarray(0, cut));
        setImmediate(() => reply.end(bytes.subarray(cut)));
      });
      return String(await decodeContent(response).readAll(100, tooLarge));
    };
    for (const cut of [1, 2, 3, 4, bytes.length]) expect([cut, await read(cut)]).toEqual([cut, 'text']);
  });

  it('is limited by its decoded size when it starts as gzip', async () => {
    const response = decodeContent(await request((_request, reply) => reply.end(gzipSync(Buffer.alloc(1 << 20)))));
    await expect(response.readAll(1 << 16, tooLarge)).rejects.toThrow('Too large');
  });

  it.each([
    ['plain text', 'text'],
    ['less than the first bytes of zstd', '('],
    ['nothing', ''],
  ])('stays as it is when it is %s', async (_name, text) => {
    const send = () => request((_request, reply) => reply.writeHead(200, { 'content-encoding': 'identity' }).end(text));
    expect(String(await decodeContent(await send()).readAll(100, tooLarge))).toBe(text);
    const parts: Buffer[] = [];
    for await (const part of decodeContent(await send())) parts.push(part);
    expect(Buffer.concat(parts).toString()).toBe(text);
  });

  it('passes a short first chunk without waiting for more', async () => {
    const second = Promise.withResolvers<void>();
    const response = decodeContent(
      await request(async (_request, reply) => {
        reply.write(':');
        await second.promise;
        reply.end('\n');
      }),
    );
    expect(String(await response.read())).toBe(':');
    second.resolve();
    expect(String(await response.readAll(100, tooLarge))).toBe('\n');
  });
});
