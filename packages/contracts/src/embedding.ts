import { z } from 'zod';
import { modelIdSchema } from './models.ts';

const INPUTS_MAX = 2_048;
/** The longest context of current embedding models. */
const TOKENS_MAX = 32_768;

/** Checks tokens in one loop, because the validation of each as a schema of its own would block the event loop. */
const tokens = z
  .custom<number[]>(
    (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      value.length <= TOKENS_MAX &&
      value.every((token) => Number.isSafeInteger(token) && token >= 0),
    { error: `Must be 1 to ${TOKENS_MAX} tokens` },
  )
  .meta({ type: 'array', items: { type: 'integer', minimum: 0 }, minItems: 1, maxItems: TOKENS_MAX });

/**
 * The body of POST `/v1/embeddings`. Unknown fields pass through to the provider unchanged, and null means absent.
 * Source: https://platform.openai.com/docs/api-reference/embeddings/create
 */
export const embeddingRequestSchema = z
  .looseObject({
    model: modelIdSchema.nullish(),
    input: z
      .union(
        [z.string().min(1), z.array(z.string().min(1)).min(1).max(INPUTS_MAX), tokens, z.array(tokens).min(1).max(INPUTS_MAX)],
        { error: `Must be a string, an array of 1 to ${INPUTS_MAX} strings, or tokens, none of them empty` },
      )
      .describe(`One text, up to ${INPUTS_MAX} texts, or tokens instead of texts; none may be empty`),
    dimensions: z.int().min(1).nullish(),
    encoding_format: z
      .enum(['float', 'base64'])
      .nullish()
      .transform((format) => format ?? 'float')
      .describe('base64 encodes little-endian 32-bit floats; float without it'),
    user: z.string().nullish(),
  })
  .meta({ id: 'EmbeddingRequest' });
export type EmbeddingRequest = z.infer<typeof embeddingRequestSchema>;
/** The documented fields of a request. */
export const EMBEDDING_REQUEST_FIELDS: ReadonlySet<string> = new Set(Object.keys(embeddingRequestSchema.shape));
export type EmbeddingFormat = EmbeddingRequest['encoding_format'];

/** Encodes a vector as numbers, or as base64 of little-endian 32-bit floats, as OpenAI does. */
export function encodeEmbedding(vector: ArrayLike<number>, format: EmbeddingFormat): number[] | string {
  if (format === 'float') return Array.from(vector);
  const bytes = new Uint8Array(vector.length * 4);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < vector.length; index++) view.setFloat32(index * 4, vector[index] ?? 0, true);
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
