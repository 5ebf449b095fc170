import type { ModelHealth, ModelList } from '@prodigon/contracts';
import type { CallContext } from '@prodigon/ports';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { mergedModelList } from './merged-model-list.ts';

const context = { signal: new AbortController().signal } as CallContext;
const healthy: ModelHealth = {
  state: 'ok',
  breaker: 'closed',
  succeeded: 3,
  failed: 0,
  ttft_p50_ms: 100,
  last_error: null,
  retry_after_s: null,
};
const broken: ModelHealth = {
  state: 'unavailable',
  breaker: 'open',
  succeeded: 1,
  failed: 5,
  ttft_p50_ms: 300,
  last_error: { code: 'INFERENCE_ERROR', message: 'It failed.', at: '2026-01-01T00:00:00.000Z' },
  retry_after_s: 7,
};
const replica = (health: ModelHealth) => ({
  models: async () => ({ models: [{ id: 'm', provider: 'p', health }], problems: [] }) as unknown as ModelList,
});
const away = {
  models: async (): Promise<ModelList> => {
    throw new Error('away');
  },
};

describe('the models of several replicas', () => {
  it('are as well as the one that is worst off, with the calls of all', async () => {
    const { models } = await mergedModelList([replica(healthy), replica(broken)], context);
    expect(models[0]?.health).toEqual({ ...broken, succeeded: 4, failed: 5 });
  });

  it('are told by those that answer', async () => {
    const { models } = await mergedModelList([away, replica(healthy)], context);
    expect(models[0]?.health).toEqual(healthy);
  });

  it('are told without one that is frozen, who is not asked any longer', async () => {
    const asked = Promise.withResolvers<AbortSignal>();
    const frozen = {
      models({ signal }: CallContext): Promise<ModelList> {
        asked.resolve(signal);
        return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
    };
    const { models } = await mergedModelList([frozen, replica(healthy)], context, 1);
    expect(models[0]?.health).toEqual(healthy);
    expect((await asked.promise).aborted).toBe(true);
  });

  it('are told by the first who answers when all are late', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const gate = Promise.withResolvers<ModelList>();
    const list = mergedModelList([away, { models: () => gate.promise }], context, 1);
    await vi.advanceTimersByTimeAsync(1);
    gate.resolve(await replica(broken).models());
    expect((await list).models[0]?.health).toEqual(broken);
  });

  it('cannot be told when none answers', async () => {
    await expect(mergedModelList([away, away], context)).rejects.toThrow('away');
  });
});
