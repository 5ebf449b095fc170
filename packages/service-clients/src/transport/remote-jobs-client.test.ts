import type { CallContext } from '@prodigon/ports';
import { expect, it, onTestFinished } from 'vitest';
import { createHttp2Transport } from './http2-transport.ts';
import { createRemoteJobsClient } from './remote-jobs-client.ts';
import { startReplica } from './replica.test-support.ts';

const context: CallContext = {
  requestId: 'request',
  traceparent: '00-00000000000000000000000000000001-0000000000000001-01',
  principal: { id: 'local' },
  deadline: performance.now() + 60_000,
  signal: new AbortController().signal,
};

it('throws when a killed worker service leaves results incomplete', async () => {
  const worker = await startReplica('worker');
  worker.respondWith((response) => response.writeHead(200).write('{"index":0}\n'));
  const transport = createHttp2Transport({ baseUrl: worker.url, connectTimeoutMs: 5_000 });
  onTestFinished(() => transport.close());
  const jobs = createRemoteJobsClient({ transport, internalToken: 'token' });
  let received = '';
  const reading = async () => {
    for await (const bytes of await jobs.results('job', { outcome: 'all' }, context)) {
      received += Buffer.from(bytes).toString();
      await worker.kill();
    }
  };
  await expect(reading()).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    message: 'The worker service ended the response before it was complete.',
  });
  expect(received).toBe('{"index":0}\n');
});
