import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApiClient } from '@prodigon/api-client';
import { startPlatform } from '../common/started-platform.ts';

const LATENCY_MS = 200;
/** A quarter of the default, so that two cores can run four workers and the rest of the platform. */
const JOB_CONCURRENCY = 4;
/** Each worker needs at least six seconds for its share. */
const ITEMS_PER_WORKER = 120;
const POLL_INTERVAL_MS = 50;
const BODY = JSON.stringify({
  ...{ id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'slow' },
  choices: [{ index: 0, message: { role: 'assistant', content: 'An answer' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
});

/** Returns the items per second of a job with this number of workers, against a provider with a latency of 200 ms. */
export async function measureWorkers(count: number): Promise<number> {
  const provider = createServer((request, response) => {
    request.resume();
    setTimeout(() => response.setHeader('content-type', 'application/json').end(BODY), LATENCY_MS);
  });
  await once(provider.listen(0, '127.0.0.1'), 'listening');
  const baseUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/v1`;
  const platform = await startPlatform(['--replicas', `worker=${count}`], {
    ...{ OPENAI_BASE_URL: baseUrl, DEFAULT_MODEL: 'slow', JOB_CONCURRENCY: String(JOB_CONCURRENCY) },
  });
  try {
    const { jobs } = createApiClient({ baseUrl: platform.url });
    const run = async (total: number) => {
      const lines = Array.from({ length: total }, (_, index) => `${JSON.stringify({ prompt: `prompt ${index}` })}\n`);
      const startedAt = performance.now();
      const { job_id } = await jobs.submitFile({ format: 'jsonl', bytes: new Blob(lines), options: { model: 'slow' } });
      for (;;) {
        const { status, completed_prompts } = await jobs.get(job_id);
        if (status === 'completed' && completed_prompts === total) return (performance.now() - startedAt) / 1_000;
        if (status !== 'pending' && status !== 'running')
          throw new Error(`The job is ${status} with ${completed_prompts} items.`);
        await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
      }
    };
    await run(2 * JOB_CONCURRENCY * count);
    const items = ITEMS_PER_WORKER * count;
    return items / (await run(items));
  } finally {
    await platform.close();
    provider.close();
    provider.closeAllConnections();
  }
}
