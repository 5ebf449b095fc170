import { randomUUID } from 'node:crypto';
import { type EmbeddingFormat, encodeEmbedding, isRecord } from '@prodigon/contracts';
import { nextTurn } from '@prodigon/platform';
import type { ProviderEmbeddings } from '@prodigon/ports';
import { errorFromBody } from './provider-errors.ts';
import { malformedResponse, parseJson } from './provider-responses.ts';
import type { ReasonRedactor } from './refusal-reason.ts';
import { EMBEDDING_FIELDS, readUsage, usageChange } from './reported-usage.ts';

/** Characters of vectors that are parsed in one turn of the event loop: about 10 ms. */
const CHARACTERS_PER_TURN = 1 << 20;
const VECTOR = /"embedding"\s*:\s*/g;

export interface EmbeddingsOptions {
  /** The format of the request. Many providers always send numbers, but OpenAI's client cannot read numbers for base64. */
  readonly format: EmbeddingFormat;
  readonly redact: ReasonRedactor;
}

/**
 * Reads a list of embeddings, repairs the fields that only describe it, and converts numbers to base64 on request. Parses
 * the vectors, of which there may be 64 MB, in turns of the event loop. Throws if the body contains no vectors.
 */
export async function readEmbeddings(text: string, { format, redact }: EmbeddingsOptions): Promise<ProviderEmbeddings> {
  const vectors = await cutVectors(text, format);
  const body = parseJson(vectors.rest);
  const failure = errorFromBody(body, redact);
  if (failure) throw failure;
  const data = isRecord(body) && Array.isArray(body.data) ? body.data : [];
  if (!isRecord(body) || data.length === 0 || !data.every(isEmbedding)) throw malformedResponse();
  const usage = readUsage(isRecord(body.usage) && { completion_tokens: 0, ...body.usage });
  const hasIndexes = data.every(({ index }) => Number.isSafeInteger(index));
  const changes = {
    ...(!hasIndexes && { data: data.map((each, index) => ({ ...each, index })) }),
    // The platform adds an estimate.
    ...(body.usage === null && { usage: undefined }),
    ...usageChange(body.usage, usage, EMBEDDING_FIELDS),
  };
  const isChanged = vectors.isConverted || Object.keys(changes).length > 0;
  return { body: isChanged ? vectors.restore(JSON.stringify({ ...body, ...changes })) : text.trimStart(), usage };
}

/** Replaces each vector with a short name. `restore` puts them back, in the requested format. */
async function cutVectors(text: string, format: EmbeddingFormat) {
  const mark = randomUUID();
  const vectors: string[] = [];
  const rest: string[] = [];
  let isConverted = false;
  let end = 0;
  let characters = 0;
  for (const match of text.matchAll(VECTOR)) {
    const start = match.index + match[0].length;
    const closing = text[start] === '[' ? ']' : text[start] === '"' ? '"' : undefined;
    // Quoted within another text.
    if (match.index < end || text[match.index - 1] === '\\' || closing === undefined) continue;
    const stop = text.indexOf(closing, start + 1) + 1;
    if (stop === 0) throw malformedResponse();
    const vector = text.slice(start, stop);
    const value = parseJson(vector);
    if (!isVector(value)) throw malformedResponse();
    const isOther = format === 'base64' && typeof value !== 'string';
    rest.push(text.slice(end, start), JSON.stringify(`${mark}${vectors.length}`));
    vectors.push(isOther ? JSON.stringify(encodeEmbedding(value, format)) : vector);
    isConverted ||= isOther;
    end = stop;
    characters += vector.length;
    if (characters < CHARACTERS_PER_TURN) continue;
    characters = 0;
    await nextTurn();
  }
  rest.push(text.slice(end));
  const restore = (body: string) => body.replace(new RegExp(`"${mark}(\\d+)"`, 'g'), (_name, index) => vectors[index] ?? '');
  return { rest: rest.join(''), isConverted, restore };
}

function isEmbedding(value: unknown): value is { embedding: unknown; index?: unknown } {
  return isRecord(value) && isVector(value.embedding);
}

function isVector(value: unknown): value is string | number[] {
  return typeof value === 'string' || (Array.isArray(value) && value.every((each) => typeof each === 'number'));
}
