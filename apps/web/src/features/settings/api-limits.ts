import { GENERATION_LIMITS } from '@prodigon/contracts';
import { z } from 'zod';

/** What the API takes for a field that is a number, and what it takes when none is sent. */
const limitSchema = z.object({ minimum: z.number(), maximum: z.number(), default: z.number() });
const limitsSchema = z.object({ max_tokens: limitSchema, temperature: limitSchema });
export type ApiLimits = z.infer<typeof limitsSchema>;

const descriptionSchema = z.object({
  paths: z.object({
    '/api/v1/generate': z.object({
      post: z.object({
        requestBody: z.object({
          content: z.object({ 'application/json': z.object({ schema: z.object({ $ref: z.string() }) }) }),
        }),
      }),
    }),
  }),
  components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
});

/** Those that this page was built with: for when the API cannot be asked. */
export const BUILT_IN_LIMITS: ApiLimits = {
  max_tokens: { minimum: 1, maximum: GENERATION_LIMITS.maxTokensMax, default: GENERATION_LIMITS.maxTokensDefault },
  temperature: { minimum: 0, maximum: GENERATION_LIMITS.temperatureMax, default: GENERATION_LIMITS.temperatureDefault },
};

/** The limits in the API's own description. Throws a `ZodError` when they are not where they should be. */
export function limitsOf(description: unknown): ApiLimits {
  const { paths, components } = descriptionSchema.parse(description);
  const { $ref } = paths['/api/v1/generate'].post.requestBody.content['application/json'].schema;
  const schema = components.schemas[$ref.split('/').at(-1) ?? ''];
  return z.object({ properties: limitsSchema }).parse(schema).properties;
}

let asked: Promise<ApiLimits> | undefined;

/** What the API says it takes, asked once; what this page was built with when it does not say. Never rejects. */
export function fetchLimits(): Promise<ApiLimits> {
  asked ??= fetch('/openapi.json')
    .then((response) => response.json())
    .then(limitsOf)
    .catch(() => {
      asked = undefined;
      return BUILT_IN_LIMITS;
    });
  return asked;
}
