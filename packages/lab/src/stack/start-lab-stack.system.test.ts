import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '@prodigon/platform/configuration';
import { createTestDatabase, type TestDatabase } from '@prodigon/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabStack, sampleProcess, startLabStack } from '../index.ts';
import { hideDotEnv } from './hide-dot-env.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

function isRunning(pid: number): boolean {
  try {
    return sampleProcess(pid).residentBytes > 0;
  } catch {
    return false;
  }
}

async function complete(stack: LabStack): Promise<string> {
  const response = await fetch(`${stack.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'prodigon-sim?ttft_ms=0&tokens=3', messages: [{ role: 'user', content: 'Hi' }] }),
  });
  expect(response.status).toBe(200);
  return await response.text();
}

describe('startLabStack', () => {
  it('starts a platform that responds, and removes all processes and files on close', async () => {
    const stack = await startLabStack({ topology: 'monolith', env: { USE_MOCK: 'true' } });
    const pids = stack.processes.map(({ pid }) => pid);
    try {
      expect(stack.processes.map(({ service }) => service)).toEqual(['database', 'monolith']);
      expect(await complete(stack)).toContain('"completion_tokens":3');
      const log = join(stack.dataDirectory, 'output.log');
      await expect.poll(() => readFileSync(log, 'utf8')).toContain('/v1/chat/completions');
    } finally {
      await stack.close();
    }
    expect(pids.filter(isRunning)).toEqual([]);
    expect(existsSync(stack.dataDirectory)).toBe(false);
    await stack.close();
  });

  it('starts the given number of replicas of each service on the given database', async () => {
    const env = { USE_MOCK: 'true', DATABASE_URL: database.url };
    const stack = await startLabStack({ topology: 'services', replicas: { model: 2 }, env });
    try {
      expect(stack.processes.map(({ service }) => service)).toEqual(['model', 'model', 'worker', 'gateway']);
      expect(stack.url).toBe(stack.processes.at(-1)?.url);
      await complete(stack);

      const worker = stack.processes[2]?.pid ?? -1;
      process.kill(worker, 'SIGKILL');
      const workerNow = () => stack.processes.find(({ service }) => service === 'worker')?.pid ?? worker;
      await expect.poll(workerNow, { timeout: 60_000 }).not.toBe(worker);
    } finally {
      await stack.close();
    }
  });

  it('rejects with the output of the platform when it does not start', async () => {
    await expect(startLabStack({ topology: 'monolith', env: { STREAMS_MAX: 'many' } })).rejects.toThrow(
      /The platform did not start: .*STREAMS_MAX/s,
    );
  });

  it('rejects with the reason of its signal during the start', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const started = startLabStack({ topology: 'services', env: { DATABASE_URL: database.url }, signal: controller.signal });
    controller.abort(reason);
    await expect(started).rejects.toBe(reason);
  });
});

describe('hideDotEnv', () => {
  it('keeps the .env file out of a measurement', () => {
    const directory = mkdtempSync(join(tmpdir(), 'lab-env-'));
    try {
      writeFileSync(join(directory, 'key'), 'a key');
      writeFileSync(
        join(directory, '.env'),
        `STREAMS_MAX=7\nMODELS_FILE=mine.yaml\nINTERNAL_TOKEN_FILE=${join(directory, 'key')}\nLOG_LEVEL=debug\n`,
      );
      const env = { ...hideDotEnv(directory), LOG_LEVEL: 'warn' };
      expect(loadConfiguration({ env, directory })).toEqual(loadConfiguration({ env: { LOG_LEVEL: 'warn' }, directory: '/' }));
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
