import type { LabPoint, LabProgress, LabRun } from '@prodigon/contracts/workshop';
import { expect, it } from 'vitest';
import { withPoint, withProgress } from './live-run.ts';

const POINT: LabPoint = { block: 0, arm: 'rest', started_at_ms: 0, values: { rate: 1 } };
const PROGRESS: LabProgress = { phase: 'queued', arm: null, blocks_done: 0, blocks_total: 10, share: 0, seconds_left: null };
const QUEUED = { status: 'queued', queue_position: 1, points: [], progress: PROGRESS } as unknown as LabRun;

it('adds each measured point once, although a reconnect may deliver it again', () => {
  const once = withPoint(QUEUED, POINT);
  expect(withPoint(once, { ...POINT })).toBe(once);
  expect(withPoint(once, { ...POINT, arm: 'grpc' }).points).toHaveLength(2);
});

it('shows that a queued run has started with its first progress', () => {
  expect(withProgress(QUEUED, { ...PROGRESS, phase: 'starting' })).toMatchObject({ status: 'running', queue_position: 0 });
  expect(withProgress(QUEUED, PROGRESS)).toMatchObject({ status: 'queued', queue_position: 1 });
});
