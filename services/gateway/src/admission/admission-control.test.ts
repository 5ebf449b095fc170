import { connect } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { STREAM, startWithFaults } from '../generation/generation.test-support.ts';

describe('admission control', () => {
  it('rejects requests over the limit with Retry-After until one ends', async () => {
    const { post } = await startWithFaults('in one process', { streamsMax: 1 });
    const disconnecting = new AbortController();
    await post(STREAM, { prompt: 'Hi', model: 'stall' }, { signal: disconnecting.signal });

    const rejected = await post(STREAM, { prompt: 'Hi', model: 'healthy' });
    expect([rejected.status, (await rejected.json()).error.code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
    expect(rejected.headers.get('retry-after')).toBe('1');

    disconnecting.abort();
    await vi.waitFor(async () => expect((await post('/api/v1/generate', { prompt: 'Hi', model: 'healthy' })).status).toBe(200));
  });

  it('stops counting requests whose client disconnects immediately', async () => {
    const { url, metrics } = await startWithFaults('in one process');
    const body = JSON.stringify({ prompt: 'Hi', model: 'stall' });
    const head = `POST ${STREAM} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    for (let sent = 0; sent < 20; sent++) {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      await new Promise<void>((written) => socket.write(head + body, () => written()));
      socket.resetAndDestroy();
    }
    const ended = async () =>
      (await metrics.requests.get()).values.reduce((sum, { value, labels }) => sum + (labels.route === STREAM ? value : 0), 0);
    await vi.waitFor(async () => expect(await ended()).toBe(20), 30_000);
    expect((await metrics.activeGenerations.get()).values[0]?.value).toBe(0);
  });

  it('counts active requests up to the limit and not below zero', async () => {
    const { post, metrics } = await startWithFaults('in one process', { streamsMax: 2 });
    const active = async () => (await metrics.activeGenerations.get()).values[0]?.value;
    const disconnecting = new AbortController();
    for (let open = 1; open <= 2; open++) {
      await post(STREAM, { prompt: 'Hi', model: 'stall' }, { signal: disconnecting.signal });
      expect(await active()).toBe(open);
    }
    expect((await post(STREAM, { prompt: 'Hi', model: 'stall' })).status).toBe(503);
    expect(await active()).toBe(2);
    disconnecting.abort();
    await vi.waitFor(async () => expect(await active()).toBe(0));
  });
});
