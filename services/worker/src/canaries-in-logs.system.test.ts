import { FAULTS } from '@prodigon/testing';
import { expect, it } from 'vitest';
import { startWorkerHarness } from './worker-harness.test-support.ts';

const ANSWER = 'canaryanswer0a1b2c3d4';

it('logs no prompt and no response of a batch item, whatever the provider quotes in its errors', async () => {
  const { provider, startWorker, submit, waitForEnd, modelServiceLog } = await startWorkerHarness();
  provider.words = [ANSWER];
  const worker = startWorker('worker-1', { concurrency: 16 });
  const models = Object.keys(FAULTS).filter((model) => FAULTS[model]?.expected !== 'timeout' && model !== 'flood');
  // A rate limit of seven seconds would only take time.
  const batches = await Promise.all(models.filter((model) => model !== 'status_429').map((model) => submit(1, model)));
  for (const batch of batches) await waitForEnd(batch);
  const logs = worker.output() + modelServiceLog();
  expect(logs).toContain('provider_text_characters');
  for (const { prompts } of batches) for (const prompt of prompts) expect(logs).not.toContain(prompt);
  expect(logs).not.toContain(ANSWER);
});
