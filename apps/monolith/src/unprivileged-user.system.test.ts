import { readFileSync } from 'node:fs';
import { startApp } from '@prodigon/testing';
import { expect, it, onTestFinished } from 'vitest';

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;

it.runIf(isRoot)('gives up the rights of root when it listens, and still serves files, uploads, jobs and metrics', async () => {
  const { pid, url, close } = await startApp('monolith', { USE_MOCK: 'true', PRODIGON_SERVICE_USER: '54321:54322' });
  onTestFinished(close);
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  // The real, effective, saved and file system ids.
  expect(status).toMatch(/^Uid:(\t54321){4}$/m);
  expect(status).toMatch(/^Gid:(\t54322){4}$/m);
  expect(status).toMatch(/^Groups:\t54322 ?$/m);
  expect(status).toMatch(/^CapEff:\t0+$/m);

  const page = await fetch(`${url}/api/v1/content?path=README.md`);
  expect([page.status, (await page.json()).path]).toEqual([200, 'README.md']);
  const job = await fetch(`${url}/api/v1/jobs?model=prodigon-sim`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: 'one\ntwo\n',
  });
  expect([job.status, (await job.json()).total_prompts]).toEqual([202, 2]);
  const metrics = await fetch(`${url}/metrics`);
  expect([metrics.status, await metrics.text()]).toEqual([200, expect.stringMatching(/^process_open_fds \d+$/m)]);
});
