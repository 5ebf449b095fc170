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

it('results that a killed worker service broke off do not look complete', async () => {
  const worker = await startReplica('worker');
  worker.answer((response) => response.writeHead(200).write('{"index":0}\n'));
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
    message: 'The worker service broke off the answer.',
  });
  expect(received).toBe('{"index":0}\n');
});
