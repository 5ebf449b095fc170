import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createApiClient } from '@prodigon/api-client';
import { createTestDatabase, reservePort } from '@prodigon/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createCliFixture, runInProcess, WAIT } from './run-prodigon.test-support.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/operations/scale.md'), 'utf8');
/** The commands for several hosts, e.g. `INTERNAL_HOST=10.0.0.21 ./prodigon start --only model`. */
const COMMANDS = PAGE.match(/^(?:INTERNAL_)?HOST=10\..*$/gm) ?? [];
const KEY = 'a-key-of-these-tests-0123';

/** Replaces the hosts with addresses of this machine, and the ports with free ones. Returns the variables and the arguments. */
function parseCommand(command: string, ports: Record<string, string>) {
  const words = command
    .replaceAll('10.0.0.', '127.0.0.')
    .replace(/:(800\d)\b/g, (_, port) => `:${ports[port]}`)
    .split(' ');
  const at = words.indexOf('./prodigon');
  const variables = Object.fromEntries(words.slice(0, at).map((word) => word.split(/=(.*)/s, 2)));
  return { variables, parameters: words.slice(at + 2) };
}

// Other systems have only one loopback address.
describe.runIf(process.platform === 'linux')('the commands for several hosts in docs/operations/scale.md', () => {
  it('start a platform whose gateways know all services', async () => {
    const database = await createTestDatabase({ isMigrated: true });
    onTestFinished(() => database.drop());
    const [model, worker, gateway] = await Promise.all([reservePort(), reservePort(), reservePort()]);
    const ports = { 8001: String(model), 8002: String(worker), 8000: String(gateway) };
    const shared = {
      ...{ MODEL_PORT: ports[8001], WORKER_PORT: ports[8002], GATEWAY_PORT: ports[8000] },
      ...{ INTERNAL_TOKEN: 'token-of-these-tests-0123', API_KEYS: KEY, DATABASE_URL: database.url },
    };
    expect(COMMANDS.map((command) => command.split(' ').at(-1))).toEqual(['model', 'model', 'worker', 'gateway', 'gateway']);
    const hosts = await Promise.all(
      COMMANDS.map(async (command) => {
        const { variables, parameters } = parseCommand(command, ports);
        const fixture = createCliFixture({ ...shared, ...variables });
        onTestFinished(() => fixture.close());
        return { ...(await fixture.start(...parameters)), env: fixture.env };
      }),
    );
    const gateways = hosts.slice(3);
    expect(gateways.map(({ url }) => url)).toEqual([11, 12].map((host) => `http://127.0.0.${host}:${gateway}`));
    for (const { url, env } of gateways) {
      const client = createApiClient({ baseUrl: url, apiKey: () => KEY });
      expect((await client.generate({ prompt: 'Hi', model: 'prodigon-sim?ttft_ms=0&tokens=2' })).text).not.toBe('');
      expect((await client.jobs.submit({ prompts: ['Hi'], model: 'prodigon-sim?ttft_ms=0&tokens=2' })).total_prompts).toBe(1);
      await vi.waitFor(async () => {
        const { stdout, code } = await runInProcess(['health', '--url', url], { ...env, PRODIGON_API_KEY: KEY }).ended;
        expect(code).toBe(0);
        expect(stdout).toMatch(/gateway 1 +up.*\n +gateway 2 +up.*\n +model 1 +up.*\n +model 2 +up.*\n +worker +up/);
      }, WAIT);
    }
  });
});
