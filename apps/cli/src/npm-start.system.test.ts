import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createApiClient } from '@prodigon/api-client';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  createRepositoryCopy,
  freePort,
  type RepositoryCopy,
  type RunningProgram,
} from '../../../scripts/repository-copy.test-support.ts';

const WAIT = { timeout: 120_000, interval: 20 };
let copy: RepositoryCopy;

beforeAll(async () => {
  copy = await createRepositoryCopy();
});
afterEach(() => copy.stopAll());
afterAll(() => copy.remove());

const client = () => createApiClient({ baseUrl: `http://127.0.0.1:${copy.env.GATEWAY_PORT}` });

async function npm(...args: string[]): Promise<RunningProgram> {
  const program = copy.run('npm', args);
  await vi.waitFor(() => expect(program.output()).toContain('Prodigon is running'), WAIT);
  return program;
}

describe('npm start', () => {
  it.each([
    { args: ['start'], topology: 'services' },
    { args: ['start', '--', '--topology', 'services'], topology: 'services' },
    { args: ['start', '--', '--topology', 'monolith'], topology: 'monolith' },
  ])('npm $args runs the platform as $topology, with its page', async ({ args, topology }) => {
    await npm(...args);
    expect((await client().overview()).topology).toBe(topology);
    const page = await fetch(`http://127.0.0.1:${copy.env.GATEWAY_PORT}/`);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toContain('<div id="root"');
  });

  it('npm start -- --replicas model=2 runs two model services', async () => {
    const { output } = await npm('start', '--', '--replicas', 'model=2');
    expect(output()).toMatch(/model service 1 {2}http\S+\s+model service 2 {2}http/);
    const { services } = await client().overview();
    expect(services.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'gateway up',
      'model 1 up',
      'model 2 up',
      'worker up',
    ]);
  });

  it('drains once on Ctrl-C, although npm and the terminal both tell everybody', async () => {
    const program = await npm('start');
    program.signalAll('SIGINT');
    const { output } = await program.ended;
    expect(output.match(/Stopping: open answers may finish\./g)).toHaveLength(1);
    expect(output).toContain('Prodigon has stopped.');
  });
});

it('npm run dev serves the page for development and starts the services again when their source changes', async () => {
  const port = await freePort();
  const configPath = join(copy.root, 'apps/web/vite.config.ts');
  writeFileSync(configPath, readFileSync(configPath, 'utf8').replace('5173', String(port)));
  const { output } = await npm('run', 'dev');
  await vi.waitFor(async () => {
    // The page's own path to the API, through the development server.
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/system/overview`);
    expect(await response.json()).toMatchObject({ topology: 'services' });
  }, WAIT);

  const before = (await client().health()).pid;
  const mainPath = join(copy.root, 'apps/gateway/src/main.ts');
  writeFileSync(mainPath, `${readFileSync(mainPath, 'utf8')}\n`);
  await vi.waitFor(async () => expect((await client().health()).pid).not.toBe(before), WAIT);
  expect(output()).toContain('The source has changed. Starting again.');
});
