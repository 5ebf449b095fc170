import { describe, expect, it } from 'vitest';
import { responseStats } from './response-stats.ts';
import { type ChatResponse, newResponse } from './state/chat-response.ts';

const usage = { prompt_tokens: 10, completion_tokens: 101, total_tokens: 111, estimated: false, cost_usd: 0.000_123 };
const finish = { finishReason: 'stop', ttftMs: 200, latencyMs: 1_200, attempts: 1 };
const response = (changes: Partial<ChatResponse>): ChatResponse => ({
  ...newResponse(0),
  state: 'done',
  model: 'm',
  usage,
  ...finish,
  ...changes,
});

describe('responseStats', () => {
  it('lists model, time to first token, rate, tokens and cost', () => {
    expect(responseStats(response({}))).toEqual(['m', 'first token after 200 ms', '100 tok/s', '101 tokens', '$0.00012']);
  });

  it('shows the number of attempts if there was more than one', () => {
    expect(responseStats(response({ attempts: 2 })).at(-1)).toBe('2 attempts');
  });

  it('shows no rate of fewer than 20 tokens or 300 ms', () => {
    expect(responseStats(response({ usage: { ...usage, completion_tokens: 19 } }))).not.toContainEqual(
      expect.stringContaining('tok/s'),
    );
    expect(responseStats(response({ ttftMs: 901 }))).not.toContainEqual(expect.stringContaining('tok/s'));
    expect(responseStats(response({ usage: { ...usage, completion_tokens: 20 }, ttftMs: 900 }))).toContain('63 tok/s');
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

  it('omits values that were not measured', () => {
    expect(responseStats(response({ attempts: null, latencyMs: null }))).toEqual([
      'm',
      'first token after 200 ms',
      '101 tokens',
      '$0.00012',
    ]);
    expect(responseStats(newResponse(0))).toEqual([]);
  });
});
