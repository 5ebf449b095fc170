import { AppError, type Usage } from '@prodigon/contracts';
import { createLogger } from '@prodigon/platform';
import { expect, it } from 'vitest';
import { createBudgetGuard } from './budget-guard.ts';
import { createBudgetStoreFake } from './keys.test-support.ts';

const usage: Usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
const SPENT = { tokens: 3, usd: 0.5 };
const unavailable = () => Promise.reject(new AppError('SERVICE_UNAVAILABLE'));

/** Creates a guard over a store whose replies the test decides. */
function setUp() {
  const timers: { dueMs: number; callback: () => void }[] = [];
  const lines: string[] = [];
  let nowMs = 0;
  const budgets = createBudgetStoreFake();
  const logger = createLogger({
    ...{ service: 'test', level: 'info', secrets: [] },
    destination: { write: (line) => void lines.push(JSON.parse(line).msg) },
  });
  const guard = createBudgetGuard({
    store: budgets.store,
    logger,
    after(delayMs, callback) {
      const timer = { dueMs: nowMs + delayMs, callback };
      timers.push(timer);
      return () => {
        if (timers.includes(timer)) timers.splice(timers.indexOf(timer), 1);
      };
    },
  });
  return {
    ...budgets,
    guard,
    lines,
    timers,
    /** Advances the clock, and waits for the work that this starts. */
    async pass(ms: number) {
      nowMs += ms;
      for (const timer of timers.filter(({ dueMs }) => dueMs <= nowMs)) {
        timers.splice(timers.indexOf(timer), 1);
        timer.callback();
      }
      await new Promise<void>((resolve) => setImmediate(resolve));
    },
  };
}

it('settles once a second until the database responds', async () => {
  const { guard, state, settled, lines, pass } = setUp();
  state.settle = unavailable;
  await guard.settle('one', usage, 0.5);
  await guard.settle('two', usage, null);
  await pass(1_000);
  expect(settled).toEqual([]);
  state.settle = async () => {};
  await pass(999);
  expect(settled).toEqual([]);
  await pass(1);
  expect(settled).toEqual([
    ['one', SPENT],
    ['two', { tokens: 3, usd: 0 }],
  ]);
  await pass(10_000);
  expect(settled).toHaveLength(2);
  expect(lines).toEqual(['Budgets cannot be settled and stay reserved']);
});

it('leaves a reservation to its expiry that the database cannot settle', async () => {
  const { guard, state, settled, pass } = setUp();
  state.settle = () => Promise.reject(new Error('value out of range'));
  await guard.settle('one', usage, 0.5);
  state.settle = async () => {};
  await pass(1_000);
  expect(settled).toEqual([]);
});

it('lets a response wait a second for a database that hangs', async () => {
  const { guard, state, pass } = setUp();
  state.settle = () => new Promise(() => {});
  let isDone = false;
  const done = guard.settle('one', usage, 0.5).then(() => {
    isDone = true;
  });
  await pass(999);
  expect(isDone).toBe(false);
  await pass(1);
  await done;
});

it('settles the expired reservations of other processes every minute', async () => {
  const { state, pass, lines } = setUp();
  await pass(59_999);
  expect(state.sweeps).toBe(0);
  state.sweep = unavailable;
  await pass(1);
  expect(lines).toEqual([]);
  state.sweep = () => Promise.reject(new Error('value out of range'));
  await pass(60_000);
  expect(state.sweeps).toBe(2);
  expect(lines).toEqual(['Budgets cannot be settled and stay reserved']);
});

it('waits for what it settles when it closes, and leaves no timer behind', async () => {
  const { guard, state, settled, timers } = setUp();
  const gate = Promise.withResolvers<void>();
  state.settle = () => gate.promise;
  const settling = guard.settle('one', usage, 0.5);
  const closed = guard.close();
  gate.resolve();
  await closed;
  expect(settled).toHaveLength(1);
  await settling;
  expect(timers).toEqual([]);
});
