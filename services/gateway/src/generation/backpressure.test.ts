import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { createOpenAiCompatibleProvider } from '@prodigon/model-providers';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startPlatform, TOPOLOGIES } from '../gateway-harness.test-support.ts';
import { STREAM } from './generation.test-support.ts';

const CHUNK_CHARACTERS = 64 << 10;
const CHUNKS = 480;
const TOTAL_BYTES = CHUNKS * CHUNK_CHARACTERS;

/** Starts a provider that sends 30 MB as fast as the platform reads it. */
async function startFloodingProvider() {
  const { promise: called, resolve } = Promise.withResolvers<{ bytesSent: () => number }>();
  const frame = (choice: object) => `data: ${JSON.stringify({ choices: [{ index: 0, ...choice }] })}\n\n`;
  const chunk = frame({ delta: { content: 'x'.repeat(CHUNK_CHARACTERS) }, finish_reason: null });
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let left = CHUNKS;
    function writeChunks(): void {
      while (left-- > 0) if (!response.write(chunk)) return;
      response.end(`${frame({ delta: {}, finish_reason: 'stop' })}data: [DONE]\n\n`);
    }
    response.on('drain', writeChunks);
    writeChunks();
    const { socket } = request;
    resolve({ bytesSent: () => socket.bytesWritten });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const adapter = createOpenAiCompatibleProvider({ name: 'flood', baseUrl, connectTimeoutMs: 5_000 });
  onTestFinished(() => adapter.close());
  return { called, adapter: { ...adapter, models: async () => [{ id: 'flood' }] } };
}

describe.each(TOPOLOGIES)('backpressure, model service %s', (topology) => {
  it('stops the provider while the client does not read, then delivers everything', async () => {
    const { called, adapter } = await startFloodingProvider();
    const { url } = await startPlatform({ topology, providers: [{ endpoints: [adapter] }] });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.pause();
    const body = JSON.stringify({ prompt: 'Hi', model: 'flood' });
    socket.write(
      `POST ${STREAM} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
    const { bytesSent } = await called;
    let readings: number[] = [];
    await vi.waitFor(
      () => {
        readings = [bytesSent(), ...readings.slice(0, 2)];
        expect(readings).toEqual(Array(3).fill(bytesSent()));
      },
      { interval: 50, timeout: 30_000 },
    );
    // The socket buffers of the kernel and the platform's own buffers hold about a third of the bytes.
    expect(readings[0]).toBeGreaterThan(0);
    expect(readings[0]).toBeLessThan(TOTAL_BYTES * 0.75);

    let received = 0;
    let tail = '';
    for await (const bytes of socket) {
      received += bytes.length;
      tail = (tail + bytes.toString('latin1')).slice(-64);
    }
    expect(tail).toContain('data: [DONE]');
    expect(received).toBeGreaterThan(TOTAL_BYTES);
  });
});
