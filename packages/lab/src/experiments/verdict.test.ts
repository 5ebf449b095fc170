import type { GuardResult } from '@prodigon/contracts/workshop';
import { describe, expect, it } from 'vitest';
import { createExperiment } from './experiment.test-support.ts';
import type { Recording } from './recordings.ts';
import { decideVerdict, type VerdictInput } from './verdict.ts';

const estimateOf = (ratio: number, low: number, high: number) => ({
  ...{ metric: 'throughput', arm: 'grpc', compared_with: 'rest', ratio },
  interval: [low, high] as [number, number],
});
const guard = (is_met: boolean): GuardResult => ({
  id: 'warm-up',
  label: 'Each arm was warm',
  is_met,
  measured: '3',
  required: '9',
});

const decide = (input: Partial<VerdictInput> = {}) =>
  decideVerdict({
    ...{ experiment: createExperiment(), workload: 'small', estimate: estimateOf(0.815, 0.779, 0.852) },
    ...{ guards: [guard(true)], prediction: null },
    ...input,
  });

describe('decideVerdict', () => {
  it('refutes a claim whose range lies outside of the interval, with the numbers in plain words', () => {
    expect(decide()).toMatchObject({
      ...{ status: 'REFUTED', effect: 'less', claim: 'It is twice as fast.', margin: 0.1, prediction_status: null },
      sentence: 'GRPC reached 0.81 times the requests per CPU second of REST. The claim does not hold here.',
    });
  });

  it('supports a claim whose range contains the interval', () => {
    expect(decide({ estimate: estimateOf(2.5, 2.2, 2.8) })).toMatchObject({
      ...{ status: 'SUPPORTED', effect: 'more', sentence: expect.stringMatching(/2\.5 times .* The claim holds here\.$/) },
    });
  });

  it('says that no difference was found, and that an interval is too wide', () => {
    expect(decide({ estimate: estimateOf(1, 0.95, 1.05) })).toMatchObject({
      ...{
        effect: 'no_difference',
        sentence: expect.stringContaining(', which is no difference beyond 10 %. The claim does not hold'),
      },
    });
    expect(decide({ estimate: estimateOf(1.9, 0.95, 2.5) })).toMatchObject({
      ...{ effect: 'unclear', status: 'INCONCLUSIVE' },
      sentence: expect.stringMatching(
        /neither shown nor excluded\. The interval contains a limit of the claim\. A longer run can decide\.$/,
      ),
    });
  });

  it('judges the prediction by the same interval', () => {
    const statusFor = (from: number, to: number) => decide({ prediction: { range: { from, to } } }).prediction_status;
    expect([statusFor(0, 0.9), statusFor(1, 2), statusFor(0.8, 0.9)]).toEqual(['SUPPORTED', 'REFUTED', 'INCONCLUSIVE']);
  });

  it('says nothing about claim and prediction when a guard is not met', () => {
    expect(decide({ guards: [guard(true), guard(false)], prediction: { range: { from: 0, to: 1 } } })).toMatchObject({
      ...{ status: 'INVALID', effect: 'unclear', estimate: null, prediction_status: 'INVALID' },
      sentence: 'This run says nothing about the claim. Not met: “Each arm was warm” (measured: 3; required: 9).',
    });
  });

  it('is invalid without an estimate', () => {
    const { status, guards } = decide({ estimate: null });
    expect([status, guards.at(-1)?.id]).toEqual(['INVALID', 'measurable']);
  });

  it('lists recorded runs with another result, and never decides by them', () => {
    const recording = (id: string, effect: 'less' | 'more', ratio: number): Recording => ({
      workload: { id, label: `a ${id} text`, description: '' },
      verdict: { ...decide(), effect, estimate: estimateOf(ratio, ratio * 0.9, ratio * 1.1) },
      environment: { cpu: 'a CPU', cpus: 2, memory_mb: 1, os: '', node: '', prodigon: '' },
      created_at: '2026-11-29T12:00:00.000Z',
    });
    const recordings = [recording('large', 'less', 0.5), recording('large', 'more', 3), recording('small', 'more', 2)];
    const verdict = decide({ experiment: createExperiment({ recordings }) });
    expect(verdict.would_change).toEqual([
      'With the workload “a large text”, the ratio was 3.0 (95 % interval 2.7 to 3.3), on a CPU, 2026-11-29.',
      'In an earlier run, the ratio was 2.0 (95 % interval 1.8 to 2.2), on a CPU, 2026-11-29.',
    ]);
    expect({ ...verdict, would_change: [] }).toEqual(decide());
    expect(decide({ experiment: createExperiment({ recordings }), guards: [guard(false)] }).would_change).toEqual([]);
  });
});
