import {
  activityStatusSchema,
  CHECK_STATUSES,
  predictionSchema,
  taskIdSchema,
  verdictStatusSchema,
} from '@prodigon/contracts/workshop';
import { z } from 'zod';

const common = { at: z.iso.datetime(), task: taskIdSchema };
const run = { run: z.uuid(), status: activityStatusSchema };

/** One line of the progress file. */
export const progressEventSchema = z.discriminatedUnion('type', [
  z.object({ ...common, type: z.literal('visited'), section: z.string(), is_read: z.boolean().optional() }),
  z.object({ ...common, type: z.literal('started') }),
  z.object({ ...common, type: z.literal('reset') }),
  z.object({ ...common, type: z.literal('solution_applied') }),
  z.object({ ...common, type: z.literal('hint_shown'), check: z.string(), level: z.int().min(1).max(3) }),
  z.object({ ...common, type: z.literal('predicted'), lab: z.string(), prediction: predictionSchema }),
  z.object({ ...common, ...run, type: z.literal('run_ended'), lab: z.string(), verdict: verdictStatusSchema.nullable() }),
  z.object({
    ...common,
    ...run,
    type: z.literal('checks_ended'),
    /** Whether the run had all checks. */
    is_whole: z.boolean(),
    results: z.record(z.string(), z.enum(CHECK_STATUSES)),
  }),
]);
export type ProgressEvent = z.infer<typeof progressEventSchema>;
export type ProgressEventOf<Type extends ProgressEvent['type']> = Extract<ProgressEvent, { type: Type }>;

/** Returns the events of one type, oldest first. */
export function eventsOfType<Type extends ProgressEvent['type']>(
  events: readonly ProgressEvent[],
  type: Type,
): ProgressEventOf<Type>[] {
  return events.filter((event): event is ProgressEventOf<Type> => event.type === type);
}
