import { connect } from 'node:net';
import { FAULTS } from '@prodigon/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type PlatformOptions, TOPOLOGIES } from '../gateway-harness.test-support.ts';
import { readAll, STREAM, startWithFaults, startWithSimulator, TEXT, TYPED, textOf, WORDS } from './generation.test-support.ts';

describe.each(TOPOLOGIES)('answers, model service %s', (topology) => {
  const withFaults = (options: Partial<PlatformOptions> = {}) => startWithFaults(topology, options);
  const withSimulator = (options: Partial<PlatformOptions> = {}) => startWithSimulator(topology, options);

  describe('that come whole', () => {
    it('answer in one piece with their usage', async () => {
      const { post } = await withFaults();
      const response = await post('/api/v1/generate', { prompt: 'Hi', model: 'healthy' });
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({
        text: TEXT,
        model: 'healthy',
        usage: { prompt_tokens: 7, completion_tokens: 8, total_tokens: 15 },
        latency_ms: expect.any(Number),
      });
    });

    it('stream each token as a JSON string, then [DONE]', async () => {
      const { post } = await withFaults();
      const response = await post(STREAM, { prompt: 'Hi', model: 'healthy' });
      expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
      expect(response.headers.get('x-accel-buffering')).toBe('no');
      expect(response.headers.get('cache-control')).toBe('no-cache, no-transform');
      expect(await response.text()).toBe(`${WORDS.map((word) => `data: ${JSON.stringify(word)}\n\n`).join('')}data: [DONE]\n\n`);
    });

    it('stream typed events with ids that count up', async () => {
      const { post } = await withFaults();
      const events = await readAll(
        await post(STREAM, { prompt: 'Hi', model: 'healthy' }, { headers: { ...TYPED.headers, 'x-request-id': 'my-id' } }),
      );
      expect(events.map(({ event }) => event)).toEqual(['start', ...WORDS.map(() => 'token'), 'usage', 'done']);
      expect(events[0]?.data).toMatchObject({ model: 'healthy', request_id: 'my-id' });
      expect(textOf(events)).toBe(TEXT);
      expect(events.at(-2)?.data).toEqual({
        prompt_tokens: 7,
        completion_tokens: 8,
        total_tokens: 15,
        estimated: false,
        cost_usd: null,
      });
      expect(events.at(-1)?.data).toMatchObject({
        finish_reason: 'stop',
        ttft_ms: expect.any(Number),
        latency_ms: expect.any(Number),
      });
      const generation = events[0]?.event === 'start' && events[0].data.generation_id;
      expect(events.map(({ id }) => id)).toEqual(events.map((_event, index) => `${generation}:${index}`));
    });

    const unusual = Object.entries(FAULTS).flatMap(([model, { expected }]) =>
      expected !== 'timeout' && expected.status === 200 && model !== 'tool_calls' ? [model] : [],
    );
    it.each(unusual)('arrive unharmed when the provider is %s', async (model) => {
      const { post } = await withFaults();
      expect(textOf(await readAll(await post(STREAM, { prompt: 'Hi', model }, TYPED)))).toBe(TEXT);
    });

    it('count tokens by length, and say so, when the provider does not', async () => {
      const { post } = await withFaults();
      const events = await readAll(await post(STREAM, { prompt: 'Hi there', model: 'no_usage' }, TYPED));
      expect(events.at(-2)).toMatchObject({
        event: 'usage',
        data: { prompt_tokens: 2, completion_tokens: Math.ceil(TEXT.length / 4), estimated: true },
      });
    });

    it('give the provider the whole conversation, the request id and the trace', async () => {
      const { post, provider } = await withFaults();
      const trace = '0af7651916cd43dd8448eb211c80319c';
      const headers = { 'x-request-id': 'req.1', traceparent: `00-${trace}-b7ad6b7169203331-01`, 'x-user-id': 'mallory' };
      const messages = [
        { role: 'user', content: 'First' },
        { role: 'assistant', content: 'Answer' },
      ];
      const response = await post(
        '/api/v1/generate',
        { prompt: 'Second', system_prompt: 'Be brief', messages, model: 'healthy', temperature: 0 },
        { headers },
      );
      expect(response.headers.get('x-request-id')).toBe('req.1');
      expect(response.headers.get('x-process-time')).toMatch(/^\d+\.\d\dms$/);
      const call = provider.calls.at(-1);
      expect(call?.body).toMatchObject({
        temperature: 0,
        max_tokens: 1024,
        messages: [{ role: 'system', content: 'Be brief' }, ...messages, { role: 'user', content: 'Second' }],
      });
      expect(call?.headers).toMatchObject({ 'x-request-id': 'req.1', authorization: 'Bearer sk-ours-0123456789' });
      expect(call?.headers['x-user-id']).toBeUndefined();
    });
  });

  describe('that take longer than the default profile waits with its headers', () => {
    it.each([
      ['by default', {}, /data: \[DONE\]\n\n$/],
      ['with typed events', TYPED, /event: done\ndata: .*\n\n$/],
    ] as const)('go on to their end, %s', async (_case, init, end) => {
      const { post } = await withSimulator({ openAfterMs: 50 });
      const response = await post(STREAM, { prompt: 'Hi', model: 'prodigon-sim?ttft_ms=0&tokens_per_s=100&tokens=20' }, init);
      expect(await response.text()).toMatch(end);
    });
  });

  describe('whose reader', () => {
    it.each([
      ['leaves before the first token', STREAM, 'hang', {}],
      ['leaves a typed stream before the first token', STREAM, 'silent_stream', TYPED],
      ['leaves in the middle', STREAM, 'stall', {}],
      ['leaves an answer in one piece', '/api/v1/generate', 'hang', {}],
    ])('%s: the provider sees it', async (_case, path, model, init) => {
      const { post, provider, log } = await withFaults();
      const leaving = new AbortController();
      const arriving = provider.nextCall();
      const answer = post(path, { prompt: 'Hi', model }, { ...init, signal: leaving.signal }).then((response) => response.text());
      const call = await arriving;
      leaving.abort();
      await expect(answer).rejects.toThrow();
      await call.disconnected;
      await vi.waitFor(() => expect(log()).toContain('"status":499'));
    });

    it('leaves as soon as it has asked holds no place', async () => {
      const { url, metrics } = await withFaults();
      const body = JSON.stringify({ prompt: 'Hi', model: 'stall' });
      const head = `POST ${STREAM} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
      for (let asked = 0; asked < 50; asked++) {
        const socket = connect(Number(new URL(url).port), '127.0.0.1');
        await new Promise<void>((written) => socket.write(head + body, () => written()));
        socket.resetAndDestroy();
      }
      const ended = async () =>
        (await metrics.requests.get()).values.reduce((sum, { value, labels }) => sum + (labels.route === STREAM ? value : 0), 0);
      await vi.waitFor(async () => expect(await ended()).toBe(50), 30_000);
      expect((await metrics.activeGenerations.get()).values[0]?.value).toBe(0);
    });

    it('reads nothing stops the provider instead of filling our memory, and still gets everything', async () => {
      const { url, provider } = await withFaults();
      const arriving = provider.nextCall();
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      onTestFinished(() => void socket.destroy());
      socket.pause();
      const body = JSON.stringify({ prompt: 'Hi', model: 'flood' });
      socket.write(
        `POST ${STREAM} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
      );
      const call = await arriving;
      let before = -1;
      await vi.waitFor(
        () => {
          const now = call.bytesSent();
          const isStill = now > 0 && now === before;
          before = now;
          expect(isStill).toBe(true);
        },
        { interval: 250, timeout: 30_000 },
      );
      // Three sockets' kernel buffers and our own; without backpressure it would be all of the 256 MB.
      expect(before).toBeLessThan(64 << 20);

      let tail = '';
      for await (const bytes of socket) tail = (tail + bytes.toString('latin1')).slice(-64);
      expect(tail).toContain('data: [DONE]');
    });
  });

  describe('that are too many', () => {
    it('are refused at once, with a time to come back, until a place is free', async () => {
      const { post, provider } = await withFaults({ streamsMax: 1 });
      const leaving = new AbortController();
      const arriving = provider.nextCall();
      const first = post(STREAM, { prompt: 'Hi', model: 'stall' }, { signal: leaving.signal });
      await arriving;
      await first;

      const refused = await post(STREAM, { prompt: 'Hi', model: 'healthy' });
      expect([refused.status, (await refused.json()).error.code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
      expect(refused.headers.get('retry-after')).toBe('1');

      leaving.abort();
      await vi.waitFor(async () => expect((await post('/api/v1/generate', { prompt: 'Hi', model: 'healthy' })).status).toBe(200));
    });
  });

  describe('while the platform stops', () => {
    it('finish, and nothing new is taken', async () => {
      const { post, url, lifecycle } = await withSimulator();
      const response = await post(STREAM, { prompt: 'Hi', model: 'prodigon-sim?ttft_ms=0&tokens_per_s=200&tokens=60' }, TYPED);
      const drained = lifecycle.drain();
      expect((await fetch(`${url}/readyz`)).status).toBe(503);
      const refused = await post('/api/v1/generate', { prompt: 'Hi' });
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
      expect((await readAll(response)).at(-1)?.event).toBe('done');
      await drained;
    });

    it('are cut with an error when they take too long', async () => {
      const { post, lifecycle } = await withSimulator({ drainTimeoutMs: 50 });
      const response = await post(STREAM, { prompt: 'Hi', model: 'prodigon-sim?ttft_ms=0&fault=stall&after=2' }, TYPED);
      const drained = lifecycle.drain();
      const events = await readAll(response);
      expect(events.at(-1)).toMatchObject({ event: 'error', data: { code: 'SERVICE_UNAVAILABLE', retryable: true } });
      expect(textOf(events)).not.toBe('');
      await drained;
    });
  });

  describe('of models', () => {
    it('that nobody has are refused before a stream begins', async () => {
      const { post } = await withSimulator();
      for (const [path, init] of [
        ['/api/v1/generate', {}],
        [STREAM, {}],
        [STREAM, TYPED],
      ] as const) {
        const response = await post(path, { prompt: 'Hi', model: 'gpt-unheard-of' }, init);
        expect([response.status, (await response.json()).error.code]).toEqual([422, 'UNKNOWN_MODEL']);
      }
    });

    it('carry the bare id, whatever parameters they were asked with', async () => {
      const { post, metrics } = await withSimulator();
      const response = await post('/api/v1/generate', {
        prompt: 'Hi',
        model: 'prodigon-sim?ttft_ms=0&tokens_per_s=100000&tokens=5&seed=3',
      });
      expect(await response.json()).toMatchObject({ model: 'prodigon-sim', usage: { completion_tokens: 5 } });
      expect(await metrics.registry.metrics()).toContain(
        'generations_total{provider="offline",model="prodigon-sim",status="completed"} 1',
      );
    });

    it.each([
      ['hang', 504],
      ['no_finish', 502],
      ['error_after', 502],
      ['rate_limit', 429],
    ])('that simulate the fault %s fail as a provider would', async (fault, status) => {
      const { post } = await withSimulator({ totalTimeoutMs: 300 });
      const response = await post('/api/v1/generate', {
        prompt: 'Hi',
        model: `prodigon-sim?ttft_ms=0&tokens_per_s=100000&fault=${fault}`,
      });
      expect(response.status).toBe(status);
    });
  });
});
