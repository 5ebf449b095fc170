import { describe, expect, it } from 'vitest';
import { type ChatResponse, queuedResponse } from './conversation.ts';
import { factsOf } from './response-stats.ts';

const usage = { prompt_tokens: 10, completion_tokens: 101, total_tokens: 111, estimated: false, cost_usd: 0.000_123 };
const finish = { finish_reason: 'stop', ttft_ms: 200, latency_ms: 1_200, model: 'm', provider: 'p', attempts: 1 };
const answer = (changes: Partial<ChatResponse>): ChatResponse => ({
  ...queuedResponse,
  state: 'done',
  model: 'm',
  usage,
  finish,
  ...changes,
});

describe('the facts under an answer', () => {
  it('are who answered, how fast, how much, and what it cost', () => {
    expect(factsOf(answer({}))).toEqual(['m', 'TTFT 200 ms', '100 tok/s', '101 tokens', '$0.00012']);
  });

  it('count attempts when there was more than one', () => {
    expect(factsOf(answer({ finish: { ...finish, attempts: 2 } })).at(-1)).toBe('2 attempts');
  });

  it('say what is free, what is a guess, and nothing of a cost that nobody knows', () => {
    expect(factsOf(answer({ usage: { ...usage, cost_usd: 0 } })).at(-1)).toBe('free');
    expect(factsOf(answer({ usage: { ...usage, estimated: true } })).slice(-2)).toEqual([
      '101 tokens (estimated)',
      'about $0.00012',
    ]);
    expect(factsOf(answer({ usage: { ...usage, cost_usd: null } })).at(-1)).toBe('101 tokens');
  });

  it('leave out what an older version of the page has not kept', () => {
    const old = {
      usage: { ...usage, cost_usd: undefined },
      finish: { ...finish, attempts: undefined },
    } as unknown as ChatResponse;
    expect(factsOf(answer(old))).toEqual(['m', 'TTFT 200 ms', '100 tok/s', '101 tokens']);
  });
});
