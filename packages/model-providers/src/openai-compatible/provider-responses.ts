import { AppError, isRecord } from '@prodigon/contracts';
import { errorFromBody } from './provider-errors.ts';
import type { ReasonRedactor } from './refusal-reason.ts';

/** Parses a body, which may start with a byte order mark. Throws when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.trimStart());
  } catch (cause) {
    throw malformedResponse(cause);
  }
}

export function malformedResponse(cause?: unknown): AppError {
  return new AppError('INFERENCE_ERROR', "The model provider's response was truncated or malformed.", { cause });
}

/** A response that starts neither as JSON nor as a stream, with characters that no text has. */
const BINARY_START = /^(?!\s*(?:[[{:]|data|event|id|retry)).{0,64}?(?:[^\P{Cc}\t\n\r]|\ufffd)/su;

/** Returns the error for a response that is not text, or undefined for text. */
export function binaryError(text: string): AppError | undefined {
  if (!BINARY_START.test(text)) return undefined;
  return new AppError(
    'INFERENCE_ERROR',
    "The model provider's response is not text. It may be compressed without a `Content-Encoding` header.",
  );
}

const NO_MODELS = 'The model provider has no list of models at this address. Is /v1 missing from its base URL?';

/** Reads the ids of a list of models. Some providers send the list itself, or under another name. Throws without a list. */
export function readModelIds(text: string, redact: ReasonRedactor): string[] {
  const body = parseJson(text);
  const failure = errorFromBody(body, redact);
  if (failure) throw failure;
  const list = Array.isArray(body) ? body : isRecord(body) ? (body.data ?? body.models) : undefined;
  if (!Array.isArray(list)) throw new AppError('INFERENCE_ERROR', NO_MODELS, { retryable: false });
  return list.flatMap((model) => {
    const id = isRecord(model) ? (model.id ?? model.name) : model;
    return typeof id === 'string' && id !== '' ? id : [];
  });
}
