import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningApp, reservePort, startApp } from '@prodigon/testing';
import { expect, it, onTestFinished, vi } from 'vitest';

const INTERNAL_TOKEN = 'token-of-this-test-0123';
const NAME = 'model.prodigon.internal';
const WAIT = { timeout: 60_000, interval: 50 };
/** Changing `/etc/hosts` for one process requires root. */
const CAN_CHANGE_HOSTS = process.platform === 'linux' && process.getuid?.() === 0;

async function setUp() {
  const folder = mkdtempSync(join(tmpdir(), 'prodigon-hosts-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const hostsFile = join(folder, 'hosts');
  const MODEL_PORT = String(await reservePort());
  const start = async (...parameters: Parameters<typeof startApp>): Promise<RunningApp> => {
    const [name, env, options] = parameters;
    const app = await startApp(name, { INTERNAL_TOKEN, USE_MOCK: 'true', ...env }, options);
    onTestFinished(() => app.close());
    return app;
  };
  /** Makes the name resolve to these addresses. Keeps the file, because the gateway has mounted it. */
  const resolveTo = (...addresses: string[]) =>
    writeFileSync(hostsFile, addresses.map((address) => `${address} ${NAME}\n`).join(''));
  return {
    resolveTo,
    startReplica: (address: string) => start('model', { INTERNAL_HOST: address, MODEL_PORT }),
    startGateway: () => start('gateway', { MODEL_SERVICE_URL: `http://${NAME}:${MODEL_PORT}` }, { hostsFile }),
  };
}

/** Sends requests concurrently, every second one streamed. Returns their statuses and whether they are complete. */
function generate({ url }: RunningApp, count: number) {
  const requests = Array.from({ length: count }, async (_, index) => {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'prodigon-sim?ttft_ms=5&tokens_per_s=5000&tokens=5',
        messages: [{ role: 'user', content: 'Go on' }],
        stream: index % 2 === 0,
      }),
    });
    const text = await response.text();
    return `${response.status} ${/data: \[DONE\]\s*$|"finish_reason":"stop"/.test(text) ? 'complete' : text}`;
  });
  return Promise.all(requests);
}

/** Returns the number of generations that a replica of the model service has completed. */
async function generationsOf({ url }: RunningApp): Promise<number> {
  const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${INTERNAL_TOKEN}` } });
  const counts = (await response.text()).matchAll(/^generations_total\{.*\} (\d+)$/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

it.runIf(CAN_CHANGE_HOSTS)(
  'balances over all addresses of a host name, without one that dies and with one that is added later',
  async () => {
    const { resolveTo, startReplica, startGateway } = await setUp();
    const [first, second] = await Promise.all([startReplica('127.0.0.2'), startReplica('127.0.0.3')]);
    resolveTo('127.0.0.2', '127.0.0.3');
    const gateway = await startGateway();

    const rowsOf = async () => {
      const { services } = await (await fetch(`${gateway.url}/api/v1/system/overview`)).json();
      return services.flatMap(({ name, status }: { name: string; status: string }) =>
        /^model/.test(name) ? `${name} ${status}` : [],
      );
    };
    expect(await rowsOf()).toEqual(['model 1 up', 'model 2 up']);
    expect(new Set(await generate(gateway, 40))).toEqual(new Set(['200 complete']));
    const generations = await Promise.all([first, second].map(generationsOf));
    expect(Math.min(...generations)).toBeGreaterThan(5);

    second.kill('SIGKILL');
    expect(new Set(await generate(gateway, 40))).toEqual(new Set(['200 complete']));

    await vi.waitFor(async () => expect(await rowsOf()).toEqual(['model 1 up', 'model 2 down']), WAIT);

    const third = await startReplica('127.0.0.4');
    resolveTo('127.0.0.2', '127.0.0.4');
    await vi.waitFor(async () => {
      expect(new Set(await generate(gateway, 10))).toEqual(new Set(['200 complete']));
      expect(await generationsOf(third)).toBeGreaterThan(0);
      expect(await rowsOf()).toEqual(['model 1 up', 'model 2 up']);
    }, WAIT);
  },
);
