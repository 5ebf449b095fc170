import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createApiClient } from '@prodigon/api-client';
import { createStack } from '@prodigon/stack';
import { createTestDatabase, sharedChromium } from '@prodigon/testing';
import { expect, it, onTestFinished } from 'vitest';

it.each(['model', 'worker', 'gateway'])(
  'shows a killed %s service as down and then as up, although it restarts immediately',
  async (name) => {
    const dataDirectory = mkdtempSync(join(tmpdir(), 'prodigon-supervised-'));
    onTestFinished(() => rmSync(dataDirectory, { recursive: true }));
    const database = await createTestDatabase();
    onTestFinished(() => database.drop());
    const env = {
      PATH: process.env.PATH,
      GATEWAY_PORT: '0',
      MODEL_PORT: '0',
      WORKER_PORT: '0',
      DATABASE_URL: database.url,
      DATA_DIR: dataDirectory,
      USE_MOCK: 'true',
      LOG_LEVEL: 'silent',
    };
    const stack = createStack({ topology: 'services', rootDirectory: resolve(import.meta.dirname, '../../..'), env });
    onTestFinished(() => stack.stop());
    const url = await stack.start();
    const context = await (await sharedChromium()).newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(`${url}/dashboard`);
    const service = page.locator(`[data-service="${name}"]`);
    await service.getByText('up', { exact: true }).waitFor();

    const { services } = await createApiClient({ baseUrl: url }).overview();
    const pid = services.find((each) => each.name === name)?.pid;
    process.kill(pid ?? Number.NaN, 'SIGKILL');

    // It depends on the moment whether the page itself sees the gateway gone, or learns of it afterwards.
    await service
      .locator('h3 + p')
      .filter({ hasText: /down|unreachable/ })
      .waitFor();
    await service.getByText('up', { exact: true }).waitFor();
    expect(await service.getByText('Process').locator('xpath=..').textContent()).not.toContain(String(pid));
    await service.getByRole('img', { name: /[1-9]\d* (down|unreachable)/ }).waitFor();
  },
);
