import type { Call, LoadPlan, ResponseCheck, Schedule, StreamMarks } from './load-plan.ts';
import { OPENAI_STREAM } from './load-plan.ts';
import type { GeneratorOptions } from './run-generator.ts';

/** Maximum wait for a response, or for the next chunk of a stream. A timeout counts as a wrong response. */
const RESPONSE_TIMEOUT_MS = 60_000;

/** Options of every load. */
export interface LoadOptions extends Call, Pick<GeneratorOptions, 'pin' | 'signal' | 'start'> {
  readonly check?: ResponseCheck;
  /** The text that marks tokens in a stream. Defaults to the format of OpenAI. */
  readonly marks?: StreamMarks;
  /** Processes whose CPU time in the window is part of the result. */
  readonly watch?: readonly number[];
  readonly responseTimeoutMs?: number;
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
  return { call, check, marks, watch, responseTimeoutMs: options.responseTimeoutMs ?? RESPONSE_TIMEOUT_MS, schedule };
}
