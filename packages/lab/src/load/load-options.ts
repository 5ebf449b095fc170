import type { AnswerCheck, Call, LoadPlan, Schedule, StreamMarks } from './load-plan.ts';
import { OPENAI_STREAM } from './load-plan.ts';
import type { GeneratorOptions } from './run-generator.ts';

/** How long an answer, or the next part of a stream, may take before it counts as wrong. */
const ANSWER_WITHIN_MS = 60_000;

/** What every load has in common. */
export interface LoadOptions extends Call, Pick<GeneratorOptions, 'pin' | 'signal'> {
  readonly check?: AnswerCheck;
  /** What tokens look like; as OpenAI sends them unless given. */
  readonly marks?: StreamMarks;
  /** Processes whose CPU time in the window is part of the result. */
  readonly watch?: readonly number[];
  readonly answerWithinMs?: number;
}

export function toLoadPlan(options: LoadOptions, schedule: Schedule): LoadPlan {
  const { url, method, headers, body, isStream, check = {}, marks = OPENAI_STREAM, watch = [] } = options;
  const call = {
    url,
    ...(method && { method }),
    ...(headers && { headers }),
    ...(body && { body }),
    ...(isStream && { isStream }),
  };
  return { call, check, marks, watch, answerWithinMs: options.answerWithinMs ?? ANSWER_WITHIN_MS, schedule };
}
