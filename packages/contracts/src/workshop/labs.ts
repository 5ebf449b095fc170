import { z } from 'zod';
import { activityStatusSchema, seedSchema, taskIdSchema, WORKSHOP_LIMITS } from './tasks.ts';

const id = z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);

/** What the measurement says about a claim. INVALID: a guard failed, so the figures are not valid. */
export const VERDICT_STATUSES = ['SUPPORTED', 'REFUTED', 'INCONCLUSIVE', 'INVALID'] as const;
export const verdictStatusSchema = z.enum(VERDICT_STATUSES);
export type VerdictStatus = z.infer<typeof verdictStatusSchema>;

/** A ratio as a half-open range; null means unbounded. */
export const ratioRangeSchema = z.object({ from: z.number().nullable(), to: z.number().nullable() });
export type RatioRange = z.infer<typeof ratioRangeSchema>;

/** How the learner predicts: one of several ranges of the ratio, or a value on a slider (a ratio). */
export const predictionFormSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('choice'),
    question: z.string(),
    options: z.array(z.object({ id, label: z.string(), range: ratioRangeSchema })).min(2),
  }),
  z.object({
    type: z.literal('slider'),
    question: z.string(),
    min: z.number(),
    max: z.number(),
    step: z.number(),
    tolerance: z.number().describe('Share of the value by which the measured ratio may differ'),
  }),
]);
export type PredictionForm = z.infer<typeof predictionFormSchema>;

/** Body of POST `/api/v1/labs/{lab}/predictions`. */
export const createPredictionSchema = z
  .strictObject({
    choice: id.nullish().describe('The id of an option, for a choice'),
    value: z.number().nullish().describe('The ratio, for a slider'),
    reason: z.string().trim().min(1).max(WORKSHOP_LIMITS.reasonCharactersMax),
  })
  .meta({ id: 'CreatePrediction' });
export type CreatePrediction = z.infer<typeof createPredictionSchema>;

export const predictionSchema = z
  .object({
    id: z.uuid(),
    label: z.string().describe('The chosen option or the value in words'),
    choice: id.nullable(),
    value: z.number().nullable(),
    range: ratioRangeSchema,
    reason: z.string(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'Prediction' });
export type Prediction = z.infer<typeof predictionSchema>;

export const labMetricSchema = z.object({
  id,
  label: z.string(),
  unit: z.string(),
  is_higher_better: z.boolean(),
  description: z.string().describe('How it is measured'),
});
export type LabMetric = z.infer<typeof labMetricSchema>;

export const labArmSchema = z.object({
  id,
  label: z.string(),
  description: z.string(),
  configuration: z.record(z.string(), z.string()).describe('Environment variables in which it differs'),
});
export type LabArm = z.infer<typeof labArmSchema>;

export const labWorkloadSchema = z.object({ id, label: z.string(), description: z.string() });
export type LabWorkload = z.infer<typeof labWorkloadSchema>;

/** Body of POST `/api/v1/labs/{lab}/runs`. */
export const createLabRunSchema = z
  .strictObject({
    seed: seedSchema.nullish().describe('Determines the order of the arms. Random by default'),
    quick: z.boolean().nullish().describe('Fewer blocks: wider intervals, and more often INCONCLUSIVE'),
    workload: id.nullish().describe('Defaults to the first one'),
    arms: z.array(id).nullish().describe('Only these, besides the two that the claim compares'),
  })
  .meta({ id: 'CreateLabRun' });
export type CreateLabRun = z.infer<typeof createLabRunSchema>;

/** One measured block of one arm. */
export const labPointSchema = z.object({
  block: z.int().min(0),
  arm: id,
  started_at_ms: z.number().describe('From the start of the run'),
  values: z.record(id, z.number()).describe('By metric'),
});
export type LabPoint = z.infer<typeof labPointSchema>;

/** A condition of a valid measurement. */
export const guardResultSchema = z.object({
  id,
  label: z.string(),
  is_met: z.boolean(),
  measured: z.string(),
  required: z.string(),
});
export type GuardResult = z.infer<typeof guardResultSchema>;

export const ratioEstimateSchema = z.object({
  metric: id,
  arm: id,
  compared_with: id,
  ratio: z.number(),
  interval: z.tuple([z.number(), z.number()]).describe('The 95 % bootstrap interval'),
});
export type RatioEstimate = z.infer<typeof ratioEstimateSchema>;

export const labVerdictSchema = z.object({
  status: verdictStatusSchema.describe('About the claim of the experiment'),
  claim: z.string(),
  claim_range: ratioRangeSchema,
  sentence: z.string().describe('The result in one sentence'),
  estimate: ratioEstimateSchema.nullable().describe('Null when INVALID'),
  margin: z.number().describe('Ratios within 1 ± margin count as no difference'),
  effect: z.enum(['more', 'less', 'no_difference', 'unclear']),
  prediction_status: verdictStatusSchema.nullable().describe("About the learner's prediction; null without one"),
  guards: z.array(guardResultSchema),
  would_change: z.array(z.string()).describe('Recorded runs with another result, as sentences'),
});
export type LabVerdict = z.infer<typeof labVerdictSchema>;

export const LAB_PHASES = ['queued', 'starting', 'warming_up', 'measuring', 'evaluating', 'finished'] as const;

export const labProgressSchema = z.object({
  phase: z.enum(LAB_PHASES),
  arm: id.nullable(),
  blocks_done: z.int(),
  blocks_total: z.int(),
  measurements_repeated: z.int().optional().describe('Measurements that other programs disturbed'),
  /** From 0 to 1. */
  share: z.number(),
  seconds_left: z.number().nullable(),
});
export type LabProgress = z.infer<typeof labProgressSchema>;

/** The machine and software of a run. */
export const labEnvironmentSchema = z.object({
  cpu: z.string(),
  cpus: z.int(),
  memory_mb: z.number(),
  os: z.string(),
  node: z.string(),
  prodigon: z.string(),
});
export type LabEnvironment = z.infer<typeof labEnvironmentSchema>;

/** A run of an experiment, which is also its result file. Immutable once it has ended. */
export const labRunSchema = z
  .object({
    id: z.uuid(),
    lab: id,
    task: taskIdSchema,
    status: activityStatusSchema,
    queue_position: z.int().min(0).describe('Activities ahead of it; 0 once it runs'),
    seed: seedSchema,
    is_quick: z.boolean(),
    workload: labWorkloadSchema,
    arms: z.array(labArmSchema),
    metrics: z.array(labMetricSchema),
    prediction: predictionSchema.nullable(),
    progress: labProgressSchema,
    points: z.array(labPointSchema),
    estimates: z.array(ratioEstimateSchema).describe('Each metric of each arm against the baseline'),
    verdict: labVerdictSchema.nullable(),
    environment: labEnvironmentSchema,
    problem: z.string().nullable().describe('Why the run failed, e.g. that the platform of an arm did not start'),
    created_at: z.iso.datetime(),
    started_at: z.iso.datetime().nullable(),
    completed_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'LabRun' });
export type LabRun = z.infer<typeof labRunSchema>;

export const labRunSummarySchema = labRunSchema.pick({
  id: true,
  lab: true,
  status: true,
  seed: true,
  is_quick: true,
  workload: true,
  prediction: true,
  verdict: true,
  created_at: true,
  completed_at: true,
});
export type LabRunSummary = z.infer<typeof labRunSummarySchema>;
export const labRunListSchema = z.object({ runs: z.array(labRunSummarySchema) }).meta({ id: 'LabRunList' });
export type LabRunList = z.infer<typeof labRunListSchema>;

/** GET `/api/v1/labs/{lab}`. */
export const labSchema = z
  .object({
    id,
    task: taskIdSchema,
    title: z.string().describe('The question, e.g. "Is gRPC faster than REST here?"'),
    claim: z.string().describe('The belief that the experiment tests'),
    prediction_form: predictionFormSchema,
    arms: z.array(labArmSchema),
    baseline: id.describe('The arm that others are compared with'),
    subject: id.describe('The arm of the claim'),
    workloads: z.array(labWorkloadSchema).min(1),
    metrics: z.array(labMetricSchema).min(1).describe('The first one decides'),
    seconds: z.object({ full: z.number(), quick: z.number() }).describe('Expected duration of a run'),
    prediction: predictionSchema.nullable().describe('The newest one'),
    active_run: z.uuid().nullable(),
    runs: z.array(labRunSummarySchema).describe('Newest first'),
  })
  .meta({ id: 'Lab' });
export type Lab = z.infer<typeof labSchema>;

/**
 * Event stream of GET `/api/v1/labs/{lab}/runs/{run}/events`: `run` with the whole run first and at its end, `progress` and
 * `point` in between, and then `end`.
 */
export const labEventSchemas = {
  run: labRunSchema,
  progress: labProgressSchema,
  point: labPointSchema,
  end: z.object({}),
} as const;

/** GET `/api/v1/labs/status`: what the runner does now. */
export const labStatusSchema = z
  .object({
    activities: z
      .array(
        z.object({
          id: z.uuid(),
          kind: z.enum(['experiment', 'checks']),
          task: taskIdSchema,
          title: z.string(),
          status: activityStatusSchema,
          seconds_left: z.number().nullable(),
        }),
      )
      .describe('The running one first, then the queue'),
  })
  .meta({ id: 'LabStatus' });
export type LabStatus = z.infer<typeof labStatusSchema>;
