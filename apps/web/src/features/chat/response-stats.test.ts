import { describe, expect, it } from 'vitest';
import { type ChatResponse, queuedResponse } from './conversation.ts';
import { responseStats } from './response-stats.ts';

const usage = { prompt_tokens: 10, completion_tokens: 101, total_tokens: 111, estimated: false, cost_usd: 0.000_123 };
const finish = { finish_reason: 'stop', ttft_ms: 200, latency_ms: 1_200, model: 'm', provider: 'p', attempts: 1 };
const response = (changes: Partial<ChatResponse>): ChatResponse => ({
  ...queuedResponse,
  state: 'done',
  model: 'm',
  usage,
  finish,
  ...changes,
});

describe('responseStats', () => {
  it('lists model, time to first token, rate, tokens and cost', () => {
    expect(responseStats(response({}))).toEqual(['m', 'first token after 200 ms', '100 tok/s', '101 tokens', '$0.00012']);
  });

  it('shows the number of attempts if there was more than one', () => {
    expect(responseStats(response({ finish: { ...finish, attempts: 2 } })).at(-1)).toBe('2 attempts');
  });

  it('shows no rate of fewer than 20 tokens or 300 ms', () => {
    expect(responseStats(response({ usage: { ...usage, completion_tokens: 19 } }))).not.toContainEqual(
      expect.stringContaining('tok/s'),
    );
    expect(responseStats(response({ finish: { ...finish, ttft_ms: 901 } }))).not.toContainEqual(expect.stringContaining('tok/s'));
    expect(
      responseStats(response({ usage: { ...usage, completion_tokens: 20 }, finish: { ...finish, ttft_ms: 900 } })),
    ).toContain('63 tok/s');
    expect(responseStats(response({ usage: { ...usage, completion_tokens: 1 } }))).toContain('1 token');
  });

  it('marks free and estimated costs, and omits unknown costs', () => {
    expect(responseStats(response({ usage: { ...usage, cost_usd: 0 } })).at(-1)).toBe('free');
    expect(responseStats(response({ usage: { ...usage, estimated: true } })).slice(-2)).toEqual([
      '101 tokens (estimated)',
      'about $0.00012',
    ]);
    expect(responseStats(response({ usage: { ...usage, cost_usd: null } })).at(-1)).toBe('101 tokens');
  });

  it('omits values that an older version did not save', () => {
    const old = {
      usage: { ...usage, cost_usd: undefined },
      finish: { ...finish, attempts: undefined },
    } as unknown as ChatResponse;
    expect(responseStats(response(old))).toEqual(['m', 'first token after 200 ms', '100 tok/s', '101 tokens']);
    expect(responseStats(queuedResponse)).toEqual([]);
  });
});
