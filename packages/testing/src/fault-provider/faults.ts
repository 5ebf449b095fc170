import { BROKEN_RESPONSES } from './broken-responses.ts';
import { ERROR_RESPONSES } from './error-responses.ts';
import type { Fault } from './fault.ts';
import { UNUSUAL_RESPONSES } from './unusual-responses.ts';

/** Faults by model id of the fault provider. */
export const FAULTS: Record<string, Fault> = { ...UNUSUAL_RESPONSES, ...BROKEN_RESPONSES, ...ERROR_RESPONSES };
