import type { AppError } from '@prodigon/contracts';
import type { ContentEvent, GenerationOutcome } from '@prodigon/ports';
import type { ItemEvent } from './response-items.ts';
import { completeResponse, failResponse, incompleteReason, type ResponseObject } from './response-object.ts';
import { createResponseOutput } from './response-output.ts';

type WholeEvent = {
  [Type in 'created' | 'in_progress' | 'completed' | 'incomplete' | 'failed']: {
    type: `response.${Type}`;
    response: ResponseObject;
  };
}['created' | 'in_progress' | 'completed' | 'incomplete' | 'failed'];
type EventBody = ItemEvent | WholeEvent | { type: 'error'; code: string; message: string; param: null };

/** One event of a streamed response, numbered from 0. */
export type ResponseEvent = EventBody & { sequence_number: number };

/** What is told of one answer, in the documented order. Call `begin`, `take` for each piece, then `complete` or `fail`. */
export interface ResponseEvents {
  begin(response: ResponseObject): ResponseEvent[];
  take(content: ContentEvent): ResponseEvent[];
  complete(outcome: Pick<GenerationOutcome, 'finish' | 'usage'>): ResponseEvent[];
  /** Before `begin` it is an `error` event, since there is no response that could have failed. */
  fail(error: AppError): ResponseEvent[];
  /** As it is by now; the whole answer after `complete`. */
  readonly response: ResponseObject | undefined;
}

/**
 * Source: https://platform.openai.com/docs/api-reference/responses-streaming
 * @param base unique for each answer; the ids of its items are made of it.
 */
export function createResponseEvents(base: string, now: () => number = Date.now): ResponseEvents {
  const output = createResponseOutput(base);
  let response: ResponseObject | undefined;
  let sequence = 0;
  const numbered = (bodies: readonly EventBody[]) => bodies.map((body) => ({ ...body, sequence_number: sequence++ }));

  return {
    begin(begun) {
      response = begun;
      return numbered([
        { type: 'response.created', response },
        { type: 'response.in_progress', response },
      ]);
    },
    take: (content) => numbered(output.take(content)),
    complete(outcome) {
      if (!response) return [];
      const status = incompleteReason(outcome.finish) ? 'incomplete' : 'completed';
      const closing = output.close(status);
      response = completeResponse(response, output.items(status), outcome, now());
      return numbered([...closing, { type: `response.${status}`, response }]);
    },
    fail(error) {
      if (!response) return numbered([{ type: 'error', code: error.code.toLowerCase(), message: error.message, param: null }]);
      response = failResponse(response, output.items('incomplete'), error);
      return numbered([{ type: 'response.failed', response }]);
    },
    get response() {
      return response;
    },
  };
}
