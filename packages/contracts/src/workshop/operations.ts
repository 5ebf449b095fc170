import type { z } from 'zod';
import {
  createLabRunSchema,
  createPredictionSchema,
  labRunListSchema,
  labRunSchema,
  labSchema,
  labStatusSchema,
  predictionSchema,
} from './labs.ts';
import {
  applySolutionSchema,
  checkRunSchema,
  createCheckRunSchema,
  createHintSchema,
  createVisitSchema,
  hintSchema,
  taskFilesSchema,
  taskSchema,
  workshopSchema,
} from './tasks.ts';

export interface WorkshopOperation {
  readonly method: 'GET' | 'POST';
  /** With parameters, e.g. `:task`. */
  readonly path: string;
  readonly body?: z.ZodType;
  readonly status: 200 | 201 | 202;
  /** Null for an event stream. */
  readonly response: z.ZodType | null;
}

const TASK = '/api/v1/workshop/:task';
const LAB = '/api/v1/labs/:lab';
const RUN = `${LAB}/runs/:run`;

/**
 * The API of the workshop's runner. The gateway relays these operations, the runner serves them, and the clients call
 * them. `:task` is a number or a slug, e.g. `01` or `rest-vs-grpc`.
 */
export const WORKSHOP_OPERATIONS = {
  getWorkshop: { method: 'GET', path: '/api/v1/workshop', status: 200, response: workshopSchema },
  getTask: { method: 'GET', path: TASK, status: 200, response: taskSchema },
  visitSection: { method: 'POST', path: `${TASK}/visits`, body: createVisitSchema, status: 200, response: taskSchema },
  startTask: { method: 'POST', path: `${TASK}/start`, status: 200, response: taskFilesSchema },
  resetTask: { method: 'POST', path: `${TASK}/reset`, status: 200, response: taskFilesSchema },
  getTaskFiles: { method: 'GET', path: `${TASK}/files`, status: 200, response: taskFilesSchema },
  applySolution: { method: 'POST', path: `${TASK}/solution`, body: applySolutionSchema, status: 200, response: taskFilesSchema },
  showHint: { method: 'POST', path: `${TASK}/hints`, body: createHintSchema, status: 200, response: hintSchema },
  createCheckRun: { method: 'POST', path: `${TASK}/checks`, body: createCheckRunSchema, status: 202, response: checkRunSchema },
  getCheckRun: { method: 'GET', path: `${TASK}/checks/:run`, status: 200, response: checkRunSchema },
  watchCheckRun: { method: 'GET', path: `${TASK}/checks/:run/events`, status: 200, response: null },
  cancelCheckRun: { method: 'POST', path: `${TASK}/checks/:run/cancel`, status: 200, response: checkRunSchema },
  getLabStatus: { method: 'GET', path: '/api/v1/labs/status', status: 200, response: labStatusSchema },
  getLab: { method: 'GET', path: LAB, status: 200, response: labSchema },
  createPrediction: {
    method: 'POST',
    path: `${LAB}/predictions`,
    body: createPredictionSchema,
    status: 201,
    response: predictionSchema,
  },
  createLabRun: { method: 'POST', path: `${LAB}/runs`, body: createLabRunSchema, status: 202, response: labRunSchema },
  listLabRuns: { method: 'GET', path: `${LAB}/runs`, status: 200, response: labRunListSchema },
  getLabRun: { method: 'GET', path: RUN, status: 200, response: labRunSchema },
  watchLabRun: { method: 'GET', path: `${RUN}/events`, status: 200, response: null },
  cancelLabRun: { method: 'POST', path: `${RUN}/cancel`, status: 200, response: labRunSchema },
} as const satisfies Record<string, WorkshopOperation>;

export type WorkshopOperationName = keyof typeof WORKSHOP_OPERATIONS;
