import { GENERATION_LIMITS } from '@prodigon/contracts';
import { useQuery } from '@tanstack/react-query';
import { z } from 'zod';

/** The range of a numeric field of the API, which also accepts null. */
const rangeSchema = z.object({ minimum: z.number(), maximum: z.number() });
const fieldSchema = z.object({ anyOf: z.tuple([rangeSchema], z.unknown()) }).transform(({ anyOf }) => anyOf[0]);
const limitsSchema = z.object({ max_tokens: fieldSchema, temperature: fieldSchema });
export type ApiLimits = z.infer<typeof limitsSchema>;

const openApiSchema = z.object({
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

/** The limits at build time, used until the OpenAPI document has loaded and if it cannot. */
export const BUILT_IN_LIMITS: ApiLimits = {
  max_tokens: { minimum: 1, maximum: GENERATION_LIMITS.maxTokensMax },
  temperature: { minimum: 0, maximum: GENERATION_LIMITS.temperatureMax },
};

/** Reads the limits from an OpenAPI document. Throws a `ZodError` if they are missing. */
export function parseApiLimits(openApi: unknown): ApiLimits {
  const { paths, components } = openApiSchema.parse(openApi);
  const { $ref } = paths['/api/v1/generate'].post.requestBody.content['application/json'].schema;
  const schema = components.schemas[$ref.split('/').at(-1) ?? ''];
  return z.object({ properties: limitsSchema }).parse(schema).properties;
}

/** The limits of the running gateway, from its OpenAPI document. */
export function useApiLimits(): ApiLimits {
  const { data } = useQuery({
    queryKey: ['api-limits'],
    queryFn: async ({ signal }) => parseApiLimits(await (await fetch('/openapi.json', { signal })).json()),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data ?? BUILT_IN_LIMITS;
}
