import { type AppError, toOpenAiError } from '@prodigon/contracts';
import { defaultErrorResponse, type ErrorResponse } from '@prodigon/platform';
import type { FastifyRequest } from 'fastify';
import { OPENAI_PREFIXES } from './openai-prefixes.ts';

/** Errors of `/v1` in OpenAI's form, all others in ours. */
export function toErrorResponse(failure: AppError, request: FastifyRequest): ErrorResponse {
  const isOpenAi = OPENAI_PREFIXES.some((prefix) => request.url.startsWith(`${prefix}/`));
  if (!isOpenAi) return defaultErrorResponse(failure, request);
  return { ...toOpenAiError(failure), shouldRetry: shouldRetry(failure) };
}

/**
 * OpenAI's clients repeat a failed call by themselves. A call whose provider failed has been repeated here already, and
 * both together would multiply.
 */
function shouldRetry({ retryable, code, attempts = 0 }: AppError): boolean {
  return retryable && attempts <= 1 && code !== 'INFERENCE_ERROR' && code !== 'DEADLINE_EXCEEDED';
}
