import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp, startFaultProvider } from '@prodigon/testing';
import { expect, it, onTestFinished } from 'vitest';

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;

it.runIf(isRoot)(
  'gives up the rights of root when it listens, and still serves files, uploads, attachments, imports, jobs, metrics and provider settings',
  async () => {
    const DATA_DIR = mkdtempSync(join(tmpdir(), 'prodigon-unprivileged-'));
    onTestFinished(() => rmSync(DATA_DIR, { recursive: true }));
    // As `createDataDirectory` creates it for root.
    chmodSync(DATA_DIR, 0o711);
    const { pid, url, close } = await startApp('monolith', { DATA_DIR, PRODIGON_SERVICE_USER: '54321:54322' });
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
    const attachment = await fetch(`${url}/api/v1/chat/attachments?name=a.txt`, { method: 'POST', body: 'text' });
    const conversations = [{ uuid: 'c', name: 'Imported', chat_messages: [{ uuid: 'm', sender: 'human', text: 'Hi' }] }];
    const imported = await fetch(`${url}/api/v1/chat/import`, { method: 'POST', body: JSON.stringify(conversations) });
    expect([attachment.status, imported.status]).toEqual([201, 200]);
    const metrics = await fetch(`${url}/metrics`);
    expect([metrics.status, await metrics.text()]).toEqual([200, expect.stringMatching(/^process_open_fds \d+$/m)]);

    const provider = await startFaultProvider();
    onTestFinished(() => provider.close());
    const saved = await fetch(`${url}/api/v1/providers/vllm`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ base_url: provider.baseUrl }),
    });
    const { uid, mode } = statSync(join(DATA_DIR, 'provider-settings/vllm.json'));
    expect([saved.status, uid, mode & 0o777]).toEqual([200, 54321, 0o600]);
  },
);
