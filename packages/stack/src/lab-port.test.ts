import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createLabPort } from './lab-port.ts';
import type { ProcessPlan } from './process-plan.ts';

const plannedOn = (port: number): ProcessPlan => ({
  ...{ service: 'lab', title: 'lab service', needsDatabase: false, entry: 'main.ts' },
  ...{ host: '127.0.0.1', hostVariable: 'INTERNAL_HOST', port, portVariable: 'LAB_PORT' },
});

/** Listens on a port until the test ends. */
async function takePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

it('takes another port and says so when another program listens on the default one', async () => {
  const taken = await takePort();
  const onNotice = vi.fn();
  const labPort = createLabPort({ planned: plannedOn(taken), isChosen: false, onNotice });
  await labPort.claim();
  const { port = 0 } = labPort.plan ?? {};
  expect(port).toBeGreaterThan(taken);
  expect(labPort.url).toBe(`http://127.0.0.1:${port}`);
  expect(onNotice.mock.calls).toEqual([[`Port ${taken} is taken by another program. The lab service uses port ${port}.`]]);
});

it('has no process and no URL before the claim, and when the stack runs no lab service', async () => {
  const unclaimed = createLabPort({ planned: plannedOn(0), isChosen: false, onNotice: vi.fn() });
  const absent = createLabPort({ planned: null, isChosen: false, onNotice: vi.fn() });
  await absent.claim();
  for (const { plan, url } of [unclaimed, absent]) expect([plan, url]).toEqual([null, null]);
});
