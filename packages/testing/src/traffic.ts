import { setTimeout as wait } from 'node:timers/promises';

const REQUESTS_PER_S = 20;
const STREAMS = 20;
const POLL_INTERVAL_MS = 50;
const QUICK_MODEL = 'prodigon-sim?ttft_ms=20&tokens_per_s=5000&tokens=5';
/** A stream lasts seven seconds, longer than nginx skips a gateway, and the seed makes the texts of all streams equal. */
const STREAMED_MODEL = 'prodigon-sim?ttft_ms=0&tokens_per_s=20&tokens=140&seed=1';

export interface Traffic {
  /** What went wrong, one line for each failed request and each cut stream. */
  readonly failures: readonly string[];
  /** Resolves after `count` more responses and one more stream. */
  more(count: number): Promise<void>;
  /** Sends no further request. Resolves when all responses and streams have ended and all jobs are completed. */
  stop(): Promise<void>;
}

/** Sends 20 requests a second of several kinds to the public address, and keeps 20 streams open. */
export async function startTraffic(url: string, { headers = {} }: { headers?: Record<string, string> } = {}): Promise<Traffic> {
  const failures: string[] = [];
  const open = new Set<Promise<void>>();
  const jobIds: string[] = [];
  let [responses, streams, sent] = [0, 0, 0];
  let isDone = false;

  async function send(path: string, expectedStatus: number, body?: unknown): Promise<string> {
    const init = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(`${url}${path}`, body === undefined ? { headers: { ...headers, accept: '*/*' } } : init);
    const text = await response.text();
    if (response.status !== expectedStatus) throw new Error(`${response.status} ${text}`);
    return text;
  }

  const kinds: Record<string, () => Promise<unknown>> = {
    completion: async () =>
      send('/v1/chat/completions', 200, { model: QUICK_MODEL, messages: [{ role: 'user', content: 'Hi' }] }),
    models: async () => send('/api/v1/models', 200),
    submission: async () =>
      jobIds.push(JSON.parse(await send('/api/v1/jobs', 202, { prompts: ['Hi'], model: QUICK_MODEL })).job_id),
    job: async () => send(jobIds.length > 0 ? `/api/v1/jobs/${jobIds.at(-1)}` : '/api/v1/jobs', 200),
    'web UI': async () => send('/', 200),
  };

  /** Records a failure with the kind of the request, and how long it took. */
  function watch(kind: string, work: Promise<unknown>): Promise<void> {
    const startedAt = performance.now();
    const watched = work.then(
      () => undefined,
      (error: Error) => {
        const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
        failures.push(`${kind} after ${Math.round(performance.now() - startedAt)} ms: ${error.message}${cause}`);
      },
    );
    open.add(watched);
    return watched.finally(() => open.delete(watched));
  }

  const stream = () => send('/api/v1/generate/stream', 200, { prompt: 'Go on', model: STREAMED_MODEL });
  const expected = await stream();
  if (!expected.endsWith('data: [DONE]\n\n')) throw new Error(`A stream without a restart is incomplete: ${expected}`);
  async function keepStreamOpen(): Promise<void> {
    while (!isDone) {
      const text = stream().then((received) => {
        if (received !== expected) throw new Error(`another text: ${received.slice(-200)}`);
      });
      await watch('stream', text);
      streams += 1;
      // A platform that rejects streams must not receive more and more of them.
      await wait(POLL_INTERVAL_MS);
    }
  }

  const timer = setInterval(() => {
    const names = Object.keys(kinds);
    const kind = names[sent++ % names.length] ?? '';
    void watch(kind, kinds[kind]?.() ?? Promise.resolve()).then(() => (responses += 1));
  }, 1_000 / REQUESTS_PER_S);
  const readers = Array.from({ length: STREAMS }, keepStreamOpen);

  return {
    failures,
    async more(count) {
      const [responsesBefore, streamsBefore] = [responses, streams];
      while (responses < responsesBefore + count || streams <= streamsBefore) await wait(POLL_INTERVAL_MS);
    },
    async stop() {
      isDone = true;
      clearInterval(timer);
      await Promise.all([...readers, ...open]);
      for (const id of jobIds)
        while (JSON.parse(await send(`/api/v1/jobs/${id}`, 200)).status !== 'completed') await wait(POLL_INTERVAL_MS);
    },
  };
}
