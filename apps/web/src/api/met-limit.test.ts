import { AppError } from '@prodigon/contracts';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { reportBudget, reportLimit, useMetLimit } from './met-limit.ts';

const NOW = Date.parse('2026-11-30T12:00:00Z');
beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ['Date'] });
  useMetLimit.getState().dismiss();
  return () => {
    vi.useRealTimers();
    useMetLimit.getState().dismiss();
  };
});

const respond = (code: 'RATE_LIMITED' | 'BUDGET_EXHAUSTED' | 'QUOTA_EXHAUSTED', headers: Record<string, string>) =>
  reportLimit(new Response(JSON.stringify(new AppError(code, `${code} of "ada"`).toBody('r')), { status: 429, headers }));
const met = () => useMetLimit.getState().limit;

describe('reportLimit', () => {
  it('shows a limit of the caller until the time of Retry-After', async () => {
    await respond('RATE_LIMITED', { 'retry-after': '12', 'x-ratelimit-limit-requests': '60' });
    expect(met()).toEqual({ code: 'RATE_LIMITED', message: 'RATE_LIMITED of "ada"', until: NOW + 12_000, isExact: true });
  });

  it('shows a limit of concurrent streams without a time', async () => {
    await respond('RATE_LIMITED', { 'retry-after': '1', 'x-ratelimit-limit-streams': '2' });
    expect(met()).toMatchObject({ code: 'RATE_LIMITED', until: NOW + 10_000, isExact: false });
  });

  it('shows an exhausted budget', async () => {
    await respond('BUDGET_EXHAUSTED', { 'retry-after': '43200' });
    expect(met()).toMatchObject({ code: 'BUDGET_EXHAUSTED', until: NOW + 43_200_000, isExact: true });
  });

  it.each([
    ['the limit of a provider', 'RATE_LIMITED', { 'retry-after': '1' }],
    ['a limit without a time', 'RATE_LIMITED', { 'x-ratelimit-limit-tokens': '60' }],
    ['the quota of the platform', 'QUOTA_EXHAUSTED', { 'retry-after': '1', 'x-ratelimit-limit-tokens': '60' }],
  ] as const)('does not show %s', async (_name, code, headers) => {
    await respond(code, headers);
    expect(met()).toBeNull();
  });

  it('ignores a body that is no error of the gateway', async () => {
    await reportLimit(
      new Response('<html>', { status: 429, headers: { 'retry-after': '1', 'x-ratelimit-limit-requests': '1' } }),
    );
    expect(met()).toBeNull();
  });
});

describe('reportBudget', () => {
  const failure = { code: 'BUDGET_EXHAUSTED', message: 'The budget of the key "ci"' } as const;

  it('lasts until midnight of UTC when the error does not say until when', () => {
    reportBudget(failure);
    expect(met()).toEqual({ ...failure, until: Date.parse('2026-12-01T00:00:00Z'), isExact: false });
  });

  it('keeps the exact time of the same budget', () => {
    reportBudget({ ...failure, retryAfterSeconds: 60 });
    reportBudget(failure);
    expect(met()).toMatchObject({ until: NOW + 60_000, isExact: true });
    reportBudget({ ...failure, message: 'Another budget' });
    expect(met()).toMatchObject({ message: 'Another budget', isExact: false });
  });

  it('ignores other errors', () => {
    reportBudget({ code: 'RATE_LIMITED', message: 'The model provider is at its rate limit.', retryAfterSeconds: 1 });
    expect(met()).toBeNull();
  });
});
