import { createApiClient, streamChunks } from '@prodigon/api-client';
import { type Deployment, matrixDeployments } from '@prodigon/testing';
import { describe, expect, it, vi } from 'vitest';
import { deploy, LONG_TEST_MS, WAIT } from './deployment.test-support.ts';

const PROMPTS = 60;

interface ReceivedEvent {
  readonly id: string;
  readonly event: string;
  readonly data: { index?: number; status?: string };
}

/** Reads `count` events after `lastId`, then disconnects and returns them. */
async function readEvents(
  { url }: Deployment,
  jobId: string,
  lastId: string | undefined,
  count: number,
): Promise<ReceivedEvent[]> {
  const client = new AbortController();
  const position = lastId === undefined ? '?after=0' : '';
  const response = await fetch(`${url}/api/v1/jobs/${jobId}/events${position}`, {
    headers: lastId === undefined ? {} : { 'last-event-id': lastId },
    signal: client.signal,
  });
  const events: ReceivedEvent[] = [];
  let text = '';
  const decoder = new TextDecoder();
  for await (const bytes of streamChunks(response.body as ReadableStream<Uint8Array>)) {
    text += decoder.decode(bytes, { stream: true });
    const frames = text.split('\n\n');
    text = frames.pop() ?? '';
    for (const frame of frames) {
      const fields = Object.fromEntries(
        frame.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
      );
      if (fields.data) events.push({ id: fields.id ?? '', event: fields.event ?? '', data: JSON.parse(fields.data) });
      if (events.length >= count) break;
    }
    if (events.length >= count || events.at(-1)?.event === 'end') break;
  }
  client.abort();
  return events.slice(0, count);
}

describe.each(matrixDeployments('services'))('%s', (name) => {
  it(
    'resumes job events after Last-Event-ID without gaps or repeats, up to the end',
    async () => {
      const deployment = await deploy(name, { env: { JOB_CONCURRENCY: '4' } });
      const { jobs } = createApiClient({ baseUrl: deployment.url });
      const prompts = Array.from({ length: PROMPTS }, (_, index) => `prompt ${index}`);
      const { job_id } = await jobs.submit({ prompts, model: 'slow_20' });
      const received: ReceivedEvent[] = [];
      const lastId = () => received.findLast(({ id }) => id !== '')?.id;
      await vi.waitFor(
        async () => {
          received.push(...(await readEvents(deployment, job_id, lastId(), 1 + (received.length % 7))));
          expect(received.at(-1)?.event).toBe('end');
        },
        { ...WAIT, interval: 0 },
      );

      const items = received.filter(({ event }) => event === 'item');
      const ids = items.map(({ id }) => id);
      expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
      const succeeded = items.filter(({ data }) => data.status === 'succeeded').map(({ data }) => data.index ?? -1);
      expect(succeeded.sort((a, b) => a - b)).toEqual(prompts.map((_, index) => index));
      expect(received.filter(({ event }) => event === 'end')).toHaveLength(1);
      // No item follows the last event.
      const remaining = await readEvents(deployment, job_id, items.at(-1)?.id, 10);
      expect(remaining.filter(({ event }) => event === 'item')).toEqual([]);
    },
    LONG_TEST_MS,
  );
});
