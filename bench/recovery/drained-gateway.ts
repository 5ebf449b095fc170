import { setTimeout as wait } from 'node:timers/promises';
import { startApp, startTestPostgres } from '@prodigon/testing';
import { textOf } from '../provider/responses.ts';
import { startProvider } from '../provider/start-provider.ts';

const STREAMS = 50;
/** Two seconds per stream. */
const TOKENS = 100;
const POLL_INTERVAL_MS = 2;
const INTERNAL_TOKEN = 'internal-token-of-the-bench';

export type DrainTimes = {
  /** Time until /readyz returns 503. */
  readonly unready_ms: number;
  readonly exited_ms: number;
  readonly exit_code: number;
  readonly streams_whole: number;
  readonly streams: number;
};

/** Sends SIGTERM to a gateway with 50 open streams and measures the drain. */
export async function measureDrain(): Promise<DrainTimes> {
  const { PATH, HOME } = process.env;
  const postgres = await startTestPostgres();
  const provider = await startProvider({ env: { PATH, HOME } });
  const env = { INTERNAL_TOKEN, DATABASE_URL: postgres.url, LOG_LEVEL: 'silent' };
  const model = await startApp('model', { ...env, OPENAI_BASE_URL: `${provider.url}/v1` });
  const gateway = await startApp('gateway', { ...env, MODEL_SERVICE_URL: model.url });
  try {
    const responses = await Promise.all(Array.from({ length: STREAMS }, () => openStream(gateway.url)));
    const areComplete = Promise.all(responses.map(isComplete));
    gateway.kill('SIGTERM');
    const startedAt = performance.now();
    const exited = gateway.exited.then(({ code }) => ({ code, at: performance.now() }));
    while ((await fetch(`${gateway.url}/readyz`)).status !== 503) await wait(POLL_INTERVAL_MS);
    const unreadyAt = performance.now();
    const { code, at } = await exited;
    return {
      unready_ms: Math.round(unreadyAt - startedAt),
      exited_ms: Math.round(at - startedAt),
      exit_code: code ?? Number.NaN,
      streams_whole: (await areComplete).filter(Boolean).length,
      streams: STREAMS,
    };
  } finally {
    for (const app of [gateway, model, provider, postgres]) await app.close();
  }
}

async function openStream(url: string): Promise<Response> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: `paced-50-${TOKENS}`, stream: true, messages: [{ role: 'user', content: 'Hi' }] }),
  });
  if (response.status !== 200) throw new Error(`A stream request returned ${response.status}.`);
  return response;
}

/** Whether the stream has all tokens and its final event. */
async function isComplete(response: Response): Promise<boolean> {
  const text = await response.text().catch(() => '');
  const tokens = [...text.matchAll(/"content":"([^"]+)"/g)].map(([, token]) => token);
  return tokens.join('') === textOf(TOKENS) && text.trimEnd().endsWith('data: [DONE]');
}
