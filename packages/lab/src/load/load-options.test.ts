import { expect, it } from 'vitest';
import { toLoadPlan } from './load-options.ts';
import { OPENAI_STREAM } from './load-plan.ts';

const SCHEDULE = { type: 'closed', connections: 1, durationMs: 1 } as const;

it('plans a GET request that may take a minute by default', () => {
  expect(toLoadPlan({ url: 'http://127.0.0.1:1' }, SCHEDULE)).toEqual({
    ...{ call: { url: 'http://127.0.0.1:1' }, check: {}, marks: OPENAI_STREAM, watch: [] },
    ...{ responseTimeoutMs: 60_000, schedule: SCHEDULE },
  });
});

it('plans the given request, check, marks, processes and timeout', () => {
  const call = { url: 'http://127.0.0.1:1', method: 'PUT', headers: { 'x-a': 'b' }, body: 'question', isStream: true };
  const plan = { check: { tokens: 3 }, marks: { token: 't', end: 'e' }, watch: [7], responseTimeoutMs: 5 };
  expect(toLoadPlan({ ...call, ...plan }, SCHEDULE)).toEqual({ call, ...plan, schedule: SCHEDULE });
});

it('leaves options of this process out of the plan, which is sent to another one', () => {
  const plan = toLoadPlan({ url: 'http://127.0.0.1:1', signal: new AbortController().signal }, SCHEDULE);
  expect(structuredClone(plan)).toEqual(plan);
});
