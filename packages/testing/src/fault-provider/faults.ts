import { BROKEN_ANSWERS } from './broken-responses.ts';
import { REFUSALS } from './error-responses.ts';
import type { Fault } from './fault.ts';
import { UNUSUAL_ANSWERS } from './unusual-responses.ts';

/** Each is a model id of the fault provider. */
export const FAULTS: Record<string, Fault> = { ...UNUSUAL_ANSWERS, ...BROKEN_ANSWERS, ...REFUSALS };
