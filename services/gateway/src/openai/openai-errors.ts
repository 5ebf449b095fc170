import { type AppError, toOpenAiError } from '@prodigon/contracts';
import { defaultErrorResponse, type ErrorResponse } from '@prodigon/platform';
import type { FastifyRequest } from 'fastify';
import { isOpenAiUrl } from './openai-api.ts';

/** Returns errors of OpenAI's paths in OpenAI's format, and all others in the platform's. */
export function toErrorResponse(failure: AppError, request: FastifyRequest): ErrorResponse {
  if (!isOpenAiUrl(request.url)) return defaultErrorResponse(failure, request);
  const { status, body } = toOpenAiError(failure, request.url.includes('/responses') ? 'input' : 'messages');
  return { status, body, shouldRetry: shouldRetry(failure) };
}

/**
 * Returns whether an OpenAI client should retry the request. It should not after a failure that Prodigon has already
 * retried, because the two retry loops would multiply.
 */
function shouldRetry({ retryable, code, attempts = 0 }: AppError): boolean {
  return retryable && attempts <= 1 && code !== 'INFERENCE_ERROR' && code !== 'DEADLINE_EXCEEDED';
}
