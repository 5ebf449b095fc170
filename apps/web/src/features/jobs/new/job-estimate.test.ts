import { expect, it } from 'vitest';
import { estimateJob } from './job-estimate.ts';

const size = { prompts: 1_000, promptCharacters: 36_000, systemPrompt: 'Be 4', maxTokens: 1_000 };

it('counts the system prompt once per prompt, and the longest responses for the maximum cost', () => {
  const estimate = estimateJob(size, { price: { input: 1, output: 4 } });
  expect(estimate).toEqual({ promptTokens: 10_000, promptCost: 0.01, costMax: 4.01 });
});

it('has no maximum cost without a maximum response length, and no cost without a price', () => {
  expect(estimateJob({ ...size, maxTokens: null }, { price: { input: 1, output: 4 } }).costMax).toBeNull();
  expect(estimateJob(size, { price: null })).toEqual({ promptTokens: 10_000, promptCost: null, costMax: null });
  expect(estimateJob(size, undefined).promptCost).toBeNull();
});
