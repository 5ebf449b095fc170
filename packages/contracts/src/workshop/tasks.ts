import { z } from 'zod';

/** Limits of the workshop's API. */
export const WORKSHOP_LIMITS = {
  reasonCharactersMax: 500,
  seedMax: 2_147_483_647,
  /** A file of the learner is shown up to this size. */
  fileBytesMax: 262_144,
  outputCharactersMax: 4_000,
} as const;

const slug = z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
/** The number of a task with two digits, e.g. `01`. */
export const taskIdSchema = z.string().regex(/^[0-9]{2}$/);
export const seedSchema = z.int().min(0).max(WORKSHOP_LIMITS.seedMax);

/** A section of a lesson: one `##` heading of `lesson.md` with the text below it. */
export const lessonSectionSchema = z.object({ slug, title: z.string() });
export type LessonSection = z.infer<typeof lessonSectionSchema>;

/** A stage of the exercise, which takes 5 to 15 minutes. */
export const taskStageSchema = z.object({
  id: slug,
  title: z.string(),
  minutes: z.int().positive(),
  goal: z.string().describe('What the learner changes'),
  tested_by: z.string().describe('How the checks test it'),
  checks: z.array(slug).min(1),
});
export type TaskStage = z.infer<typeof taskStageSchema>;

/** `task.json`: everything about a task that is not text of its lesson. */
export const taskDefinitionSchema = z.strictObject({
  id: taskIdSchema,
  slug,
  title: z.string(),
  summary: z.string().describe('One sentence for lists'),
  minutes: z.int().positive(),
  goals: z.array(z.string()).min(1),
  prerequisites: z.array(z.string()),
  lab: slug.describe('The id of the experiment in `experiment.ts`'),
  stages: z.array(taskStageSchema).min(1),
  starter_fails: z.array(slug).describe('The checks that fail on the untouched starter. All others pass'),
});
export type TaskDefinition = z.infer<typeof taskDefinitionSchema>;

/** `hints.json`: three levels for each check: where to look, the idea, the shape of the code. */
export const taskHintsSchema = z.record(slug, z.tuple([z.string(), z.string(), z.string()]));
export type TaskHints = z.infer<typeof taskHintsSchema>;

/** What the learner has done in a task, from the events of the progress file. */
export const taskProgressSchema = z.object({
  started: z.boolean().describe('Whether a copy of the starter exists'),
  sections_done: z
    .array(slug)
    .describe(
      'Sections that were read to their end. The sections about predicting, running and the exercise: their action is done',
    ),
  minutes: z.int().min(0).describe('Minutes between the first and the last activity, without pauses over 15 minutes'),
  predicted: z.boolean(),
  verdict: z.string().nullable().describe('Status of the newest complete run with a valid verdict; INVALID if there is none'),
  checks_passed: z.int().min(0),
  checks_total: z.int().min(0),
  completed_at: z.iso.datetime().nullable().describe('When all checks passed for the first time after the last reset'),
  with_solution: z.boolean().describe("Whether the solution replaced the learner's copy before all checks passed"),
  last_active_at: z.iso.datetime().nullable(),
  next_section: slug.nullable().describe('The section to continue with; null when all sections are done'),
});
export type TaskProgress = z.infer<typeof taskProgressSchema>;

export const taskSummarySchema = taskDefinitionSchema
  .pick({ id: true, slug: true, title: true, summary: true, minutes: true, lab: true })
  .extend({
    part: slug,
    lesson: z.string().describe('The path of the lesson in the content API'),
    sections: z.array(lessonSectionSchema),
    progress: taskProgressSchema,
  });
export type TaskSummary = z.infer<typeof taskSummarySchema>;

/** GET `/api/v1/workshop`. */
export const workshopSchema = z
  .object({
    parts: z.array(z.object({ id: slug, title: z.string(), tasks: z.array(taskSummarySchema) })),
    next: z
      .object({ task: taskIdSchema, section: slug })
      .nullable()
      .describe('The section to continue with; null before the first activity, and when all sections are done'),
  })
  .meta({ id: 'Workshop' });
export type Workshop = z.infer<typeof workshopSchema>;

/** One file of the learner's copy beside the starter's; null where one of them does not have it. */
export const taskFileSchema = z.object({ path: z.string(), starter: z.string().nullable(), own: z.string().nullable() });
export type TaskFile = z.infer<typeof taskFileSchema>;

/** A line of a sequence diagram. Times count in milliseconds from the start of the run. */
export const sequenceEventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('message'),
    from: slug,
    to: slug,
    label: z.string(),
    sent_at_ms: z.number(),
    received_at_ms: z.number().nullable().describe('Null when it never arrived'),
    is_error: z.boolean(),
  }),
  z.object({
    type: z.literal('activity'),
    participant: slug,
    label: z.string(),
    from_ms: z.number(),
    to_ms: z.number().nullable().describe('Null when it was still going on at the end'),
    is_error: z.boolean(),
  }),
  z.object({ type: z.literal('mark'), label: z.string(), at_ms: z.number() }),
]);
export type SequenceEvent = z.infer<typeof sequenceEventSchema>;

/** What was sent, held and answered in one run. */
export const sequenceDiagramSchema = z.object({
  participants: z.array(z.object({ id: slug, label: z.string(), is_learner: z.boolean() })).min(1),
  events: z.array(sequenceEventSchema),
  length_ms: z.number(),
});
export type SequenceDiagram = z.infer<typeof sequenceDiagramSchema>;

export const CHECK_STATUSES = ['passed', 'failed', 'skipped'] as const;

export const checkResultSchema = z.object({
  check: slug,
  title: z.string(),
  stage: slug,
  status: z.enum(CHECK_STATUSES).describe('skipped: the run was stopped, or the code could not be loaded'),
  seed: seedSchema.describe('The seed of the case that failed, or of the first case'),
  cases: z.int().min(0),
  expected: z.string().nullable(),
  saw: z.string().nullable(),
  where: z.string().nullable().describe('Where to look'),
  input: z.string().nullable().describe('The generated input of the failing case'),
  diagram: sequenceDiagramSchema.nullable(),
  replay: z.string().describe('The command that repeats the case'),
  hint: z.string().describe('The command that prints the next hint'),
  duration_ms: z.number(),
});
export type CheckResult = z.infer<typeof checkResultSchema>;

export const ACTIVITY_STATUSES = ['queued', 'running', 'completed', 'cancelled', 'failed'] as const;
export const activityStatusSchema = z.enum(ACTIVITY_STATUSES);
export type ActivityStatus = z.infer<typeof activityStatusSchema>;

/** Body of POST `/api/v1/workshop/{task}/checks`. */
export const createCheckRunSchema = z
  .strictObject({
    seed: seedSchema.nullish().describe('Defaults to a random one'),
    only: z.array(slug).min(1).nullish().describe('Runs only these checks'),
  })
  .meta({ id: 'CreateCheckRun' });
export type CreateCheckRun = z.infer<typeof createCheckRunSchema>;

/** A run of the checks on the learner's copy. */
export const checkRunSchema = z
  .object({
    id: z.uuid(),
    task: taskIdSchema,
    status: activityStatusSchema,
    queue_position: z.int().min(0).describe('Activities ahead of it; 0 once it runs'),
    seed: seedSchema,
    checks_total: z.int(),
    results: z.array(checkResultSchema).describe('In the order of the stages, as they finish'),
    problem: z
      .string()
      .nullable()
      .describe("Why no check could run, e.g. a syntax error in the learner's code with its file and line"),
    created_at: z.iso.datetime(),
    completed_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'CheckRun' });
export type CheckRun = z.infer<typeof checkRunSchema>;

/** Event stream of GET `/api/v1/workshop/{task}/checks/{id}/events`: the whole run after each change, and then `end`. */
export const checkEventSchemas = { run: checkRunSchema, end: z.object({}) } as const;

/** GET `/api/v1/workshop/{task}`. */
export const taskSchema = taskSummarySchema
  .extend({
    goals: z.array(z.string()),
    prerequisites: z.array(z.string()),
    stages: z.array(taskStageSchema),
    checks: z.array(z.object({ id: slug, title: z.string(), stage: slug })),
    own_folder: z.string().describe("The learner's copy, e.g. `my/01`"),
    hints: z.record(slug, z.array(z.string())).describe('The hints shown so far, by check'),
    last_check_run: checkRunSchema.nullable(),
    check_results: z.array(checkResultSchema).describe('The newest result of each check, also from earlier runs'),
  })
  .meta({ id: 'WorkshopTask' });
export type Task = z.infer<typeof taskSchema>;

/** Body of POST `/api/v1/workshop/{task}/visits`. */
export const createVisitSchema = z
  .strictObject({ section: slug, is_read: z.boolean().nullish().describe('Whether the learner has read the section to its end') })
  .meta({ id: 'CreateVisit' });
export type CreateVisit = z.infer<typeof createVisitSchema>;
/** Body of POST `/api/v1/workshop/{task}/hints`: shows the next hint for a check. */
export const createHintSchema = z.strictObject({ check: slug }).meta({ id: 'CreateHint' });
export type CreateHint = z.infer<typeof createHintSchema>;
export const hintSchema = z
  .object({ check: slug, level: z.int().min(1).max(3), levels: z.int(), text: z.string() })
  .meta({ id: 'Hint' });
export type Hint = z.infer<typeof hintSchema>;
/** Body of POST `/api/v1/workshop/{task}/solution`: copies the solution over the learner's copy. */
export const applySolutionSchema = z
  .strictObject({ force: z.boolean().nullish().describe('Also before the first attempt of all checks') })
  .meta({ id: 'ApplySolution' });
export type ApplySolution = z.infer<typeof applySolutionSchema>;
export const taskFilesSchema = z
  .object({
    folder: z.string(),
    files: z.array(taskFileSchema),
    backup: z.string().nullish().describe('The folder with the code that the operation replaced'),
  })
  .meta({ id: 'TaskFiles' });
export type TaskFiles = z.infer<typeof taskFilesSchema>;
