import { AppError, isRecord } from '@prodigon/contracts';
import type { ProviderEmbeddings } from '@prodigon/ports';
import { errorFromBody } from './provider-errors.ts';
import type { ReasonRedactor } from './refusal-reason.ts';
import { EMBEDDING_FIELDS, readUsage, usageChange } from './reported-usage.ts';

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

const NO_MODELS = 'The model provider has no list of models at this address. Is `/v1` missing from its base URL?';

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

export interface EmbeddingsBody extends ProviderEmbeddings {
  /** Whether the vectors are lists of numbers instead of base64. */
  readonly hasNumbers: boolean;
}

/** Reads a list of embeddings, and repairs the fields that only describe it. Throws when the body contains none. */
export function readEmbeddings(text: string, redact: ReasonRedactor): EmbeddingsBody {
  const body = parseJson(text);
  const failure = errorFromBody(body, redact);
  if (failure) throw failure;
  const data = isRecord(body) && Array.isArray(body.data) ? body.data : [];
  if (!isRecord(body) || data.length === 0 || !data.every(isEmbedding)) throw malformedResponse();
  const usage = readUsage(isRecord(body.usage) && { completion_tokens: 0, ...body.usage });
  const hasIndexes = data.every(({ index }) => Number.isSafeInteger(index));
  const changes = {
    ...(!hasIndexes && { data: data.map((each, index) => ({ ...each, index })) }),
    ...usageChange(body.usage, usage, EMBEDDING_FIELDS),
  };
  const isChanged = Object.keys(changes).length > 0;
  const hasNumbers = data.some(({ embedding }) => typeof embedding !== 'string');
  return { body: isChanged ? JSON.stringify({ ...body, ...changes }) : text.trimStart(), usage, hasNumbers };
}

function isEmbedding(value: unknown): value is { embedding: string | number[]; index?: unknown } {
  if (!isRecord(value)) return false;
  const { embedding } = value;
  return typeof embedding === 'string' || (Array.isArray(embedding) && embedding.every((each) => typeof each === 'number'));
}
