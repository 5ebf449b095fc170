import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createFakeGenerator } from './fake-generator.test-support.ts';
import { toLoadPlan } from './load-options.ts';
import { loadResult } from './load-result.test-support.ts';
import { type GeneratorOptions, runGenerator } from './run-generator.ts';

const PLAN = toLoadPlan({ url: 'http://127.0.0.1:1' }, { type: 'closed', connections: 1, durationMs: 1 });
const RESULT = loadResult();

let fake: ReturnType<typeof createFakeGenerator>;
beforeEach(() => {
  fake = createFakeGenerator();
});

const run = (options: GeneratorOptions = {}) => runGenerator(PLAN, { ...options, start: fake.start });

describe('runGenerator', () => {
  it('sends the plan to the ready process, returns its result and ends it', async () => {
    const load = run();
    expect(fake.sent()).toEqual([]);
    fake.receive({ type: 'ready' });
    expect(fake.sent()).toEqual([{ type: 'run', plan: PLAN }]);
    fake.receive({ type: 'result', result: RESULT });
    expect(await load).toBe(RESULT);
    expect(fake.child.kill.mock.calls).toEqual([['SIGKILL']]);
  });

  it('resolves when the process has exited', async () => {
    fake.child.kill.mockImplementation(() => {});
    let isDone = false;
    const load = run().then(() => {
      isDone = true;
    });
    fake.receive({ type: 'result', result: RESULT });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isDone).toBe(false);
    fake.child.emit('close');
    await load;
  });

  it('moves the process to the CPU of the helpers before it sends the plan', async () => {
    const steps: unknown[] = [];
    const pin = { description: '', underTest() {}, helpers: (pids: readonly number[]) => void steps.push(pids) };
    fake.child.send.mockImplementation(() => void steps.push('send'));
    const load = run({ pin });
    fake.receive({ type: 'ready' });
    fake.receive({ type: 'result', result: RESULT });
    await load;
    expect(steps).toEqual([[7], 'send']);
  });

  it('stops the load when the work in its measurement window ends', async () => {
    const work = Promise.withResolvers<void>();
    const load = run({ whileOpen: () => work.promise });
    fake.receive({ type: 'open' });
    await Promise.resolve();
    expect(fake.sent()).toEqual([]);
    work.resolve();
    await vi.waitFor(() => expect(fake.sent()).toEqual([{ type: 'stop' }]));
    fake.receive({ type: 'result', result: RESULT });
    await load;
  });

  it('leaves a load without such work to its schedule', async () => {
    const load = run();
    fake.receive({ type: 'open' });
    await Promise.resolve();
    expect(fake.sent()).toEqual([]);
    fake.receive({ type: 'result', result: RESULT });
    await load;
  });

  it.each<[string, () => void, string]>([
    ['the load fails', () => fake.receive({ type: 'failed', message: 'refused' }), 'The load generator failed: refused'],
    ['the process exits', () => fake.child.emit('close'), 'The load generator exited without a result.'],
    ['the process cannot start', () => fake.child.emit('error', new Error('ENOENT')), 'ENOENT'],
  ])('rejects when %s', async (_what, fail, message) => {
    const rejected = expect(run()).rejects.toThrow(message);
    fail();
    await rejected;
    expect(fake.child.kill).toHaveBeenCalledOnce();
  });

  it('rejects when the work in the measurement window fails', async () => {
    const rejected = expect(run({ whileOpen: () => Promise.reject(new Error('broken')) })).rejects.toThrow('broken');
    fake.receive({ type: 'open' });
    await rejected;
    expect(fake.sent()).toEqual([]);
  });

  it('rejects with the reason of the signal and stops listening to it', async () => {
    const controller = new AbortController();
    const removed = vi.spyOn(controller.signal, 'removeEventListener');
    const reason = new Error('enough');
    const rejected = expect(run({ signal: controller.signal })).rejects.toBe(reason);
    controller.abort(reason);
    await rejected;
    expect(removed).toHaveBeenCalledOnce();
    expect(fake.child.kill).toHaveBeenCalledOnce();
  });

  it('starts no process for an aborted signal', async () => {
    const start = vi.fn(fake.start);
    await expect(runGenerator(PLAN, { signal: AbortSignal.abort(new Error('enough')), start })).rejects.toThrow('enough');
    expect(start).not.toHaveBeenCalled();
  });
});
