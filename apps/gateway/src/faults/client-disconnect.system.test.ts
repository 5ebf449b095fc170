import { createApiClient } from '@prodigon/api-client';
import { DEPLOYMENTS } from '@prodigon/testing';
import { describe, expect, it, vi } from 'vitest';
import { deploy, LONG_TEST_MS, STREAM, TYPED, WAIT } from './deployment.test-support.ts';

interface Leaving {
  readonly when: string;
  readonly model: string;
  readonly paths: readonly string[];
  /** What has to be read before. */
  readonly after?: string;
}

const WHOLE = ['/api/v1/generate', '/v1/chat/completions', '/v1/responses'];
const STREAMED = [STREAM, `${STREAM} typed`, '/v1/chat/completions streamed', '/v1/responses streamed'];
const LEAVINGS: Leaving[] = [
  { when: 'before the provider has said anything', model: 'hang', paths: [...WHOLE, ...STREAMED] },
  { when: 'before the first token', model: 'silent_stream', paths: STREAMED },
  { when: 'in the middle', model: 'stall', paths: STREAMED, after: 'carry ' },
];

function asking(path: string, model: string): { url: string; body: object; init: RequestInit } {
  const [url = '', how] = path.split(' ');
  const stream = how === 'streamed' && { stream: true };
  if (url.endsWith('responses')) return { url, body: { model, input: 'Hi there', ...stream }, init: {} };
  if (url.endsWith('completions'))
    return { url, body: { model, messages: [{ role: 'user', content: 'Hi there' }], ...stream }, init: {} };
  return { url, body: { model, prompt: 'Hi there' }, init: how === 'typed' ? TYPED : {} };
}

async function readUntil(response: Response, text: string): Promise<void> {
  let seen = '';
  for await (const bytes of response.body as ReadableStream<Uint8Array>) {
    seen += Buffer.from(bytes).toString('utf8');
    if (seen.includes(text)) return;
  }
}

describe.each(DEPLOYMENTS)('%s: a caller who leaves', (name) => {
  it(
    'ends the call of the provider on every path and at every point, and what it took is in the usage',
    async () => {
      const { post, provider, url, gateway } = await deploy(name);
      let left = 0;
      for (const { when, model, paths, after } of LEAVINGS) {
        for (const path of paths) {
          const leaving = new AbortController();
          const { url: to, body, init } = asking(path, model);
          const arriving = provider.nextCall();
          const answer = post(to, body, { ...init, signal: leaving.signal });
          const text = after === undefined ? answer.then((each) => each.text()) : answer.then((each) => readUntil(each, after));
          text.catch(() => {});
          const call = await arriving;
          if (after !== undefined) await text;
          leaving.abort();
          await call.disconnected;
          left += 1;
          expect(provider.calls, `${path} ${when}`).toHaveLength(left);
        }
      }
      const { usage } = createApiClient({ baseUrl: url });
      await vi.waitFor(async () => {
        expect((await usage()).totals).toMatchObject({ requests: left, cancelled: left, estimated: left, failed: 0 });
      }, WAIT);
      const { totals } = await usage();
      expect(totals.completion_tokens).toBeGreaterThan(0);
      // No stream of theirs is left open in anybody's count.
      await vi.waitFor(async () => {
        const { streams } = await (await fetch(`${gateway.url}/api/v1/system/overview`)).json();
        expect(streams.active).toBe(0);
      }, WAIT);
    },
    LONG_TEST_MS,
  );
});
