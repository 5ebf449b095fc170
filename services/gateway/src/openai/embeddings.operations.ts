import { embeddingRequestSchema } from '@prodigon/contracts';
import { COMPLETION_HEADERS, MODEL_ERRORS, type Operation } from '@prodigon/platform';
import { z } from 'zod';

/** Providers may add fields. */
const embeddingResponseSchema = z
  .looseObject({
    object: z.literal('list'),
    data: z.array(
      z.looseObject({
        object: z.literal('embedding'),
        index: z.int().min(0),
        embedding: z.union([z.array(z.number()), z.string()]).describe('Numbers, or text with `encoding_format: base64`'),
      }),
    ),
    model: z.string(),
    usage: z.looseObject({ prompt_tokens: z.int().min(0), total_tokens: z.int().min(0) }),
  })
  .meta({ id: 'EmbeddingResponse' });

const requests = {
  text: { model: 'prodigon-embed', input: 'What is backpressure?' },
  texts: { model: 'prodigon-embed', input: ['One text', 'Another'], encoding_format: 'base64' },
} satisfies Record<string, z.input<typeof embeddingRequestSchema>>;

const embeddings: z.infer<typeof embeddingResponseSchema> = {
  object: 'list',
  data: [{ object: 'embedding', index: 0, embedding: [0.12, -0.5, 0.33] }],
  model: 'prodigon-embed',
  usage: { prompt_tokens: 6, total_tokens: 6 },
};

export const createEmbeddings = {
  operationId: 'createEmbeddings',
  tag: 'openai',
  summary: 'Create embeddings',
  description: "Implements OpenAI's Embeddings API.",
  body: { 'application/json': { schema: embeddingRequestSchema, examples: requests } },
  responses: {
    200: {
      description: 'One embedding for each input, in order',
      headers: COMPLETION_HEADERS,
      content: { 'application/json': { schema: embeddingResponseSchema, examples: { embeddings } } },
    },
  },
  errors: MODEL_ERRORS,
} satisfies Operation;
