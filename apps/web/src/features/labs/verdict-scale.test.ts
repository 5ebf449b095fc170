import { describe, expect, it } from 'vitest';
import { createVerdictScale, formatRange, formatRatio } from './verdict-scale.ts';

const ESTIMATE = { metric: 'rate', arm: 'grpc', compared_with: 'rest', ratio: 0.5, interval: [0.45, 0.55] as [number, number] };
const CLAIM = { from: 2, to: 5 };

describe('createVerdictScale', () => {
  it('places half and twice at the same distance from 1', () => {
    const { ticks, measured, margin } = createVerdictScale({ estimate: ESTIMATE, margin: 0.1, claim_range: CLAIM }, null);
    const at = (ratio: number) => ticks.find((tick) => tick.ratio === ratio)?.at ?? Number.NaN;
    expect(at(1) - at(0.5)).toBeCloseTo(at(2) - at(1));
    expect(measured?.at).toBeCloseTo(at(0.5));
    expect(measured?.interval.from).toBeLessThan(at(0.5));
    expect(margin.from).toBeLessThan(at(1));
    expect(margin.to).toBeGreaterThan(at(1));
  });

  it('extends ranges without a bound to the ends of the scale', () => {
    const verdict = { estimate: ESTIMATE, margin: 0.1, claim_range: CLAIM };
    expect(createVerdictScale(verdict, { from: null, to: 0.9 }).predicted?.from).toBe(0);
    expect(createVerdictScale(verdict, { from: 5, to: null }).predicted?.to).toBe(1);
  });

  it('keeps every position between the ends, also for ratios far from 1', () => {
    const estimate = { ...ESTIMATE, ratio: 40, interval: [0, 90] as [number, number] };
    const { measured, margin, ticks } = createVerdictScale({ estimate, margin: 0.05, claim_range: CLAIM }, CLAIM);
    const all = [
      measured?.at,
      measured?.interval.from,
      measured?.interval.to,
      margin.from,
      margin.to,
      ...ticks.map(({ at }) => at),
    ];
    for (const at of all) {
      expect(at).toBeGreaterThanOrEqual(0);
      expect(at).toBeLessThanOrEqual(1);
    }
    expect(ticks.map(({ ratio }) => ratio)).toContain(50);
  });

  it('shows no measurement when there is no estimate', () => {
    expect(createVerdictScale({ estimate: null, margin: 0.1, claim_range: CLAIM }, null)).toMatchObject({
      measured: null,
      predicted: null,
    });
  });
});

it.each([
  [0.523, '0.52×'],
  [0.5, '0.5×'],
  [1, '1×'],
  [1.27, '1.3×'],
  [12.4, '12×'],
])('formats the ratio %d as %s', (ratio, text) => {
  expect(formatRatio(ratio)).toBe(text);
});

it.each([
  [{ from: 2, to: 5 }, '2×–5×'],
  [{ from: 5, to: null }, 'at least 5×'],
  [{ from: null, to: 0.9 }, 'below 0.9×'],
  [{ from: null, to: null }, 'any ratio'],
])('formats the range %j as %s', (range, text) => {
  expect(formatRange(range)).toBe(text);
});
