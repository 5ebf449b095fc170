import { BROKEN_ANSWERS } from './broken-answers.ts';
import type { Fault } from './fault.ts';
import { REFUSALS } from './refusals.ts';
import { UNUSUAL_ANSWERS } from './unusual-answers.ts';

/** Each is a model id of the fault provider. */
export const FAULTS: Record<string, Fault> = { ...UNUSUAL_ANSWERS, ...BROKEN_ANSWERS, ...REFUSALS };
