import { createApiClient } from '@prodigon/api-client';
import { matrixDeployments, sharedDeployment } from '@prodigon/testing';
import { describe, expect, it, vi } from 'vitest';
import { LONG_TEST_MS, STREAM, TYPED, WAIT } from './deployment.test-support.ts';

interface Disconnect {
  readonly when: string;
  readonly model: string;
  readonly paths: readonly string[];
  /** The text that the client reads first. */
  readonly after?: string;
}

const NON_STREAMING = ['/api/v1/generate', '/v1/chat/completions', '/v1/responses'];
const STREAMED = [STREAM, `${STREAM} typed`, '/v1/chat/completions streamed', '/v1/responses streamed'];
const DISCONNECTS: Disconnect[] = [
  { when: 'before the provider responds', model: 'hang', paths: [...NON_STREAMING, ...STREAMED] },
  { when: 'before the first token', model: 'silent_stream', paths: STREAMED },
  { when: 'in the middle', model: 'stall', paths: STREAMED, after: 'carry ' },
];

function requestTo(path: string, model: string): { url: string; body: object; init: RequestInit } {
  const [url = '', variant] = path.split(' ');
  const stream = variant === 'streamed' && { stream: true };
  if (url.endsWith('responses')) return { url, body: { model, input: 'Hi there', ...stream }, init: {} };
  if (url.endsWith('completions'))
    return { url, body: { model, messages: [{ role: 'user', content: 'Hi there' }], ...stream }, init: {} };
  return { url, body: { model, prompt: 'Hi there' }, init: variant === 'typed' ? TYPED : {} };
}

async function readUntil(response: Response, text: string): Promise<void> {
  let received = '';
  for await (const bytes of response.body as ReadableStream<Uint8Array>) {
    received += Buffer.from(bytes).toString('utf8');
    if (received.includes(text)) return;
  }
}

describe.each(matrixDeployments('services'))('%s', (name) => {
  it(
    'cancels the provider call when a client disconnects, on every path and at every point, and records the usage',
    async () => {
      const { post, provider, url, gateway } = await sharedDeployment(name);
      const { usage } = createApiClient({ baseUrl: url });
      const { totals: before } = await usage();
      let count = 0;
      for (const { when, model, paths, after } of DISCONNECTS) {
        for (const path of paths) {
          const client = new AbortController();
          const { url: target, body, init } = requestTo(path, model);
          const arriving = provider.nextCall();
          const responding = post(target, body, { ...init, signal: client.signal });
          const text = responding.then<unknown>((response) =>
            after === undefined ? response.text() : readUntil(response, after),
          );
          text.catch(() => {});
          const call = await arriving;
          if (after !== undefined) await text;
          client.abort();
          await call.disconnected;
          count += 1;
          expect(provider.calls, `${path} ${when}`).toHaveLength(count);
        }
      }
      const added = async () => {
        const { totals } = await usage();
        const difference = (field: 'requests' | 'cancelled' | 'estimated' | 'failed' | 'completion_tokens') =>
          totals[field] - before[field];
        return {
          requests: difference('requests'),
          cancelled: difference('cancelled'),
          estimated: difference('estimated'),
          failed: difference('failed'),
          tokens: difference('completion_tokens'),
        };
      };
      await vi.waitFor(async () => {
        expect(await added()).toMatchObject({ requests: count, cancelled: count, estimated: count, failed: 0 });
      }, WAIT);
      expect((await added()).tokens).toBeGreaterThan(0);
      // The gateway no longer counts their streams as active.
      await vi.waitFor(async () => {
        const { streams } = await (await fetch(`${gateway.url}/api/v1/system/overview`)).json();
        expect(streams.active).toBe(0);
      }, WAIT);
    },
    LONG_TEST_MS,
  );
});
