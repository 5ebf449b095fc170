import { priceSchema } from '@prodigon/contracts';
import { z } from 'zod';
import { checkHeaders } from './provider-headers.ts';

const milliseconds = z.int().min(1).max(86_400_000);
const timeoutsSchema = z.strictObject({ first_token_ms: milliseconds.optional(), idle_ms: milliseconds.optional() });
const tokens = z.int().min(1);
const modelId = z.string().min(1).max(256);
const variableName = z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'must be the name of a variable');

const modelMetadataSchema = z.strictObject({
  description: z.string().optional(),
  kind: z.enum(['chat', 'embedding']).optional(),
  context_tokens: tokens.optional(),
  output_tokens_max: tokens.optional(),
  price: priceSchema.strict().optional(),
  fallbacks: z.array(modelId).optional(),
  aliases: z.array(modelId).optional(),
  timeouts: timeoutsSchema.optional(),
});

const providerSchema = z
  .strictObject({
    base_url: z.url({ protocol: /^https?$/ }).optional(),
    base_url_variable: variableName.optional(),
    base_url_suffix: z.string().startsWith('/').optional(),
    key_variable: variableName.optional(),
    unless_variable: variableName.optional(),
    default_model: modelId.optional(),
    accepts_other_ids: z.boolean().optional(),
    accepts_other_values: z.boolean().optional(),
    headers: z.record(z.string(), z.string()).optional(),
    output_limit_field: z.enum(['max_tokens', 'max_completion_tokens']).optional(),
    timeouts: timeoutsSchema.optional(),
    models: z.record(modelId, modelMetadataSchema.nullable()).optional(),
    retired: z.record(modelId, z.strictObject({ on: z.iso.date(), use: modelId })).optional(),
  })
  .refine(({ base_url, base_url_variable }) => base_url ?? base_url_variable, 'must have base_url or base_url_variable')
  .superRefine(({ headers = {}, key_variable }, context) => {
    for (const { name, problem } of checkHeaders(headers, { hasKey: key_variable !== undefined }))
      context.addIssue({ code: 'custom', path: ['headers', name], message: problem });
  });

const policySchema = z.strictObject({
  attempts_max: z.int().min(1).max(10).optional(),
  attempts_before_fallback: z.int().min(1).max(10).optional(),
  first_delay_ms: milliseconds.optional(),
  longest_delay_ms: milliseconds.optional(),
  patience_ms: z.int().min(0).max(86_400_000).optional(),
  breaker: z
    .strictObject({
      failures_max: z.int().min(1).optional(),
      open_ms: milliseconds.optional(),
      open_ms_max: milliseconds.optional(),
    })
    .optional(),
});

/** The schema of `config/models.yaml`. It rejects unknown fields, so that a misspelled one is not silently ignored. */
export const modelsFileSchema = z.strictObject({
  policy: policySchema.optional(),
  providers: z.record(z.string().regex(/^[a-z0-9][a-z0-9._-]*$/, 'must be a name in lower case'), providerSchema),
});
/** A field of the file: the names and indexes on the way to it. */
export type FieldPath = readonly PropertyKey[];

/** The names of all fields of the file, to suggest the right one. */
export const FIELD_NAMES: readonly string[] = [
  modelsFileSchema,
  policySchema,
  policySchema.shape.breaker.unwrap(),
  providerSchema,
  modelMetadataSchema,
  timeoutsSchema,
].flatMap(({ shape }) => Object.keys(shape));
export type ModelsFile = z.infer<typeof modelsFileSchema>;
export type ProviderData = z.infer<typeof providerSchema>;
export type PolicyData = z.infer<typeof policySchema>;
