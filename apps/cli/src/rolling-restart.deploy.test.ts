import { join } from 'node:path';
import {
  createTestDatabase,
  type Nginx,
  reserveNginxPorts,
  reservePort,
  startNginx,
  startTraffic,
  type TestDatabase,
} from '@prodigon/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createCliFixture, WAIT } from './run-prodigon.test-support.ts';

const WEB_UI = join(import.meta.dirname, '../../web/dist');
const LONG_TEST_MS = 300_000;

/** A process that stops gracefully and starts again at the same address, as on its own host. */
interface Replica {
  readonly address: string;
  restart(): Promise<void>;
  /** Returns the number of requests since the last start. */
  requests(): number;
  close(): Promise<void>;
}

let database: TestDatabase;
let nginx: Nginx;
let url: string;
const replicas: Record<'model' | 'worker' | 'gateway' | 'frontend', Replica[]> = {
  model: [],
  worker: [],
  gateway: [],
  frontend: [],
};

const startTwo = (start: () => Promise<Replica>) => Promise.all([start(), start()]);
const addressesOf = (all: readonly Replica[]) => all.map(({ address }) => address);
const urlsOf = (all: readonly Replica[]) =>
  addressesOf(all)
    .map((address) => `http://${address}`)
    .join();

/** Runs the commands of docs/operations/upgrade.md for one host. */
async function startService(name: 'model' | 'worker' | 'gateway', variables: Record<string, string> = {}): Promise<Replica> {
  const port = await reservePort();
  const fixture = createCliFixture({
    ...{ INTERNAL_TOKEN: 'token-of-this-test-0123', DATABASE_URL: database.url, DRAIN_NOTICE_MS: '2000', ...variables },
    [`${name.toUpperCase()}_PORT`]: String(port),
  });
  const start = () => fixture.start('--only', name);
  let running = await start();
  return {
    address: `127.0.0.1:${port}`,
    async restart() {
      expect(await fixture.run('stop')).toMatchObject({ code: 0 });
      expect(await running.command.ended).toMatchObject({ code: 0 });
      running = await start();
    },
    requests: () => running.command.stdout().match(/"route":"\/(?:api|v1|internal)\//g)?.length ?? 0,
    close: () => fixture.close(),
  };
}

async function startFrontend(): Promise<Replica> {
  const ports = await reserveNginxPorts(3000);
  const address = `127.0.0.1:${ports[3000]}`;
  const start = () => startNginx({ configuration: 'frontend.conf', ports, paths: { '/app/web': WEB_UI } });
  const linesInLog = () => nginx.log().split(`"upstream":"${address}"`).length - 1;
  let running = await start();
  let linesBefore = 0;
  return {
    address,
    async restart() {
      await running.quit();
      await running.close();
      running = await start();
      linesBefore = linesInLog();
    },
    requests: () => linesInLog() - linesBefore,
    close: () => running.close(),
  };
}

beforeAll(async () => {
  database = await createTestDatabase({ isMigrated: true });
  replicas.model = await startTwo(() => startService('model'));
  const services = { MODEL_SERVICE_URL: urlsOf(replicas.model) };
  replicas.worker = await startTwo(() => startService('worker', services));
  replicas.gateway = await startTwo(() => startService('gateway', { ...services, WORKER_SERVICE_URL: urlsOf(replicas.worker) }));
  replicas.frontend = await startTwo(startFrontend);
  const ports = await reserveNginxPorts(80);
  const upstreams = { 'gateway:8000': addressesOf(replicas.gateway), 'frontend:3000': addressesOf(replicas.frontend) };
  nginx = await startNginx({ configuration: 'nginx.conf', ports, upstreams });
  url = `http://127.0.0.1:${ports[80]}`;
}, LONG_TEST_MS);

afterAll(async () => {
  await Promise.all([nginx, ...Object.values(replicas).flat()].map((each) => each?.close()));
  await database?.drop();
}, LONG_TEST_MS);

describe('under 20 requests a second and 20 open streams', () => {
  it.each(['model', 'worker', 'gateway', 'frontend'] as const)(
    'a restart of each %s in turn fails no request and cuts no stream',
    { timeout: LONG_TEST_MS },
    async (service) => {
      const traffic = await startTraffic(url);
      await traffic.more(40);
      for (const replica of replicas[service]) {
        await replica.restart();
        // The next one stops when the callers use this one again.
        await vi.waitFor(() => expect(replica.requests()).toBeGreaterThan(10), WAIT);
      }
      await traffic.more(40);
      await traffic.stop();
      expect(traffic.failures).toEqual([]);
    },
  );

  it('a new gateway replaces the only one without a failed request or a cut stream', { timeout: LONG_TEST_MS }, async () => {
    const [old, next] = replicas.gateway as [Replica, Replica];
    const useOnly = (gateway: Replica) =>
      nginx.reload({ 'gateway:8000': [gateway.address], 'frontend:3000': addressesOf(replicas.frontend) });
    useOnly(old);
    // nginx closes the idle connections of clients when it reloads.
    const traffic = await startTraffic(url, { headers: { connection: 'close' } });
    await traffic.more(40);
    const before = next.requests();
    useOnly(next);
    await vi.waitFor(() => expect(next.requests()).toBeGreaterThan(before + 10), WAIT);
    await old.restart();
    await traffic.more(40);
    await traffic.stop();
    expect(traffic.failures).toEqual([]);
  });
});
