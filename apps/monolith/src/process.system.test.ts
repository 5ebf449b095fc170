import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, startApp } from '@prodigon/testing';
import { expect, it, onTestFinished } from 'vitest';

it('exits with 0 when its supervisor disconnects before it is ready', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'prodigon-orphan-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { PATH: process.env.PATH, GATEWAY_PORT: '0', DATA_DIR: directory, USE_MOCK: 'true', DATABASE_URL: database.url },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  child.disconnect();
  expect(await once(child, 'exit')).toEqual([0, null]);
});

it('writes its compile cache while it runs, not only when it exits', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'prodigon-compiled-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const app = await startApp('monolith', { NODE_COMPILE_CACHE: directory }, { from: 'source' });
  onTestFinished(() => app.close());
  await expect.poll(() => readdirSync(directory, { recursive: true }).length, { timeout: 60_000 }).toBeGreaterThan(100);
});
