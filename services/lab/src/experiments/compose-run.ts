import { randomInt } from 'node:crypto';
import { AppError, type ErrorDetail } from '@prodigon/contracts';
import {
  type CreateLabRun,
  type LabRun,
  type LabRunSummary,
  labRunSummarySchema,
  WORKSHOP_LIMITS,
} from '@prodigon/contracts/workshop';
import type { ExperimentDescription } from '../runner/task-runner.ts';

type Identity = Pick<LabRun, 'id' | 'task' | 'prediction' | 'environment' | 'created_at' | 'queue_position'>;

/** Returns a new run of an experiment. Throws a `VALIDATION_ERROR` for an unknown workload or arm. */
export function composeRun(description: ExperimentDescription, body: CreateLabRun, identity: Identity): LabRun {
  const { id: lab, arms, baseline, subject, workloads, metrics, seconds } = description;
  const workload = body.workload ? workloads.find(({ id }) => id === body.workload) : workloads[0];
  if (!workload) throw invalid('workload', `Must be one of ${workloads.map(({ id }) => id).join(', ')}`);
  const unknown = body.arms?.find((arm) => !arms.some(({ id }) => id === arm));
  if (unknown) throw invalid('arms', `Must be one of ${arms.map(({ id }) => id).join(', ')}`);
  const isQuick = body.quick ?? false;
  const selected = body.arms && new Set([baseline, subject, ...body.arms]);
  return {
    ...identity,
    lab,
    status: 'queued',
    seed: body.seed ?? randomInt(WORKSHOP_LIMITS.seedMax),
    is_quick: isQuick,
    workload,
    arms: arms.filter(({ id }) => !selected || selected.has(id)),
    metrics,
    progress: {
      ...{ phase: 'queued', arm: null, blocks_done: 0, blocks_total: 0, share: 0 },
      seconds_left: isQuick ? seconds.quick : seconds.full,
    },
    points: [],
    estimates: [],
    verdict: null,
    problem: null,
    started_at: null,
    completed_at: null,
  };
}

export const toRunSummary = (run: LabRun): LabRunSummary => labRunSummarySchema.parse(run);

function invalid(path: string, message: string): AppError {
  const details: ErrorDetail[] = [{ path, message }];
  return new AppError('VALIDATION_ERROR', undefined, { details });
}
