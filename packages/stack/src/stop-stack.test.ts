import { beforeEach, expect, it } from 'vitest';
import { createFakeProcesses, flush } from './fake-processes.test-support.ts';
import { readState } from './state-file.ts';

let fake: ReturnType<typeof createFakeProcesses>;
beforeEach(() => {
  fake = createFakeProcesses();
});

const startStack = async () => {
  const stack = fake.create({ env: { DRAIN_TIMEOUT_MS: '7000' } });
  await stack.start();
  fake.log.length = 0;
  return stack;
};

it('drains each service before those that it calls, then stops the database and removes the state', async () => {
  const stack = await startStack();
  await stack.stop();
  expect(fake.log).toEqual(['gateway SIGTERM', 'worker SIGTERM', 'model SIGTERM', 'database stop']);
  expect([readState(fake.dataDirectory), await stack.ended]).toEqual([null, null]);
  expect([fake.timers.waiting(), fake.events]).toEqual([[], []]);
});

it('stops once for several calls', async () => {
  const stack = await startStack();
  await Promise.all([stack.stop(), stack.stop()]);
  await stack.stop();
  expect(fake.log).toHaveLength(4);
});

it('restarts no process that ends while another one drains', async () => {
  fake.stubborn.add('gateway');
  const stack = await startStack();
  const stopped = stack.stop();
  fake.latest('model').child.exit(null, 'SIGINT');
  expect(fake.timers.waiting()).toEqual([9_000]);
  fake.latest('gateway').child.exit(0);
  await stopped;
  expect([fake.events, fake.log]).toEqual([[], ['gateway SIGTERM', 'worker SIGTERM', 'database stop']]);
});

it('allows each process the drain timeout and two seconds more than the one before, from the start of the stop', async () => {
  for (const service of ['gateway', 'worker', 'model']) fake.stubborn.add(service);
  const stack = await startStack();
  const stopped = stack.stop();
  expect(fake.timers.waiting()).toEqual([9_000]);
  fake.timers.pass(4_000);
  fake.latest('gateway').child.exit(0);
  await flush();
  expect(fake.timers.waiting()).toEqual([7_000]);
  fake.timers.pass(60_000);
  fake.latest('worker').child.exit(0);
  await flush();
  expect(fake.timers.waiting()).toEqual([0]);
  fake.timers.fire(0);
  await stopped;
  expect(fake.events).toEqual([{ type: 'killed', service: 'model', message: 'model service did not stop in time. Killed it.' }]);
});
