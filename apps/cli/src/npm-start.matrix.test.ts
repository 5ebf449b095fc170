import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createApiClient } from '@prodigon/api-client';
import { isBundleFresh } from '@prodigon/stack';
import { matrixOf, reservePort } from '@prodigon/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createRepositoryCopy, type RepositoryCopy, type RunningProgram } from '../../../scripts/repository-copy.test-support.ts';

const WAIT = { timeout: 120_000, interval: 20 };
let copy: RepositoryCopy;

beforeAll(async () => {
  copy = await createRepositoryCopy({ isBuilt: false });
});
afterEach(() => copy.stopAll());
afterAll(() => copy.remove());

const client = () => createApiClient({ baseUrl: `http://127.0.0.1:${copy.env.GATEWAY_PORT}` });

async function npm(...args: string[]): Promise<RunningProgram> {
  const program = copy.run('npm', args);
  await vi.waitFor(() => expect(program.output()).toContain('Prodigon is running'), WAIT);
  return program;
}

async function expectWebUi(): Promise<void> {
  const page = await fetch(`http://127.0.0.1:${copy.env.GATEWAY_PORT}/`);
  expect(page.headers.get('content-type')).toContain('text/html');
  expect(await page.text()).toContain('<div id="root"');
}

describe.each(matrixOf(['npm start'], () => true))('%s', () => {
  it('builds and runs the services with the web UI, and drains once on Ctrl-C, which npm forwards too', async () => {
    const program = await npm('start');
    expect(program.output()).toMatch(/Building the web UI \.\.\.[\s\S]*Bundling the apps \.\.\./);
    expect((await client().overview()).topology).toBe('services');
    await expectWebUi();
    expect(isBundleFresh(copy.root, 'gateway')).toBe(true);
    program.signalAll('SIGINT');
    const { output } = await program.ended;
    expect(output.match(/"msg":"Stopping: /g)).toHaveLength(1);
    expect(output).toContain('Prodigon has stopped.');
  });
});

describe.each(matrixOf(['npm start and npm run dev with --topology monolith'], () => false))('%s', () => {
  it('runs one process with npm start -- --topology monolith', async () => {
    await npm('start', '--', '--topology', 'monolith');
    expect((await client().overview()).topology).toBe('monolith');
    await expectWebUi();
  });

  it('serves the web UI for development with npm run dev, and restarts the platform when its source changes', async () => {
    const port = await reservePort();
    const configPath = join(copy.root, 'apps/web/vite.config.ts');
    writeFileSync(configPath, readFileSync(configPath, 'utf8').replace('5173', String(port)));
    // One process, because each one compiles its source.
    const { output } = await npm('run', 'dev', '--', '--topology', 'monolith');
    await vi.waitFor(async () => {
      // The web UI reaches the API through the development server.
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/system/overview`);
      expect(await response.json()).toMatchObject({ topology: 'monolith' });
    }, WAIT);

    const before = (await client().health()).pid;
    const mainPath = join(copy.root, 'apps/gateway/src/main.ts');
    writeFileSync(mainPath, `${readFileSync(mainPath, 'utf8')}\n`);
    await vi.waitFor(async () => expect((await client().health()).pid).not.toBe(before), WAIT);
    expect(output()).toContain('The source has changed. Restarting.');
  });
});
