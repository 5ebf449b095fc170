import type { LabPoint, LabProgress, LabRun } from '@prodigon/contracts/workshop';

/** Adds a measured point. A reconnect may deliver a point again. */
export function withPoint(run: LabRun, point: LabPoint): LabRun {
  const isSame = ({ block, arm, started_at_ms }: LabPoint) =>
    block === point.block && arm === point.arm && started_at_ms === point.started_at_ms;
  return run.points.some(isSame) ? run : { ...run, points: [...run.points, point] };
}

/** Applies progress, which also shows that a queued run has started. */
export function withProgress(run: LabRun, progress: LabProgress): LabRun {
  const hasStarted = run.status === 'queued' && progress.phase !== 'queued';
  return { ...run, progress, ...(hasStarted && { status: 'running' as const, queue_position: 0 }) };
}
