import { z } from 'zod';
import { cutText } from './cut-text.ts';
import { AppError, errorCodeSchema } from './error-codes.ts';
import { storable } from './storable-text.ts';

/** A model id in a request. Clients can invent ids, which reach headers, logs and the database. */
export const modelIdSchema = storable(z.string().min(1).max(256));

/** The models that run inside the platform, without a vendor. */
export const TUTOR_MODEL_ID = 'prodigon-tutor';
export const SIMULATOR_MODEL_ID = 'prodigon-sim';
export const EMBEDDER_MODEL_ID = 'prodigon-embed';
export const OFFLINE_MODEL_IDS: readonly string[] = [TUTOR_MODEL_ID, SIMULATOR_MODEL_ID, EMBEDDER_MODEL_ID];

/** US dollars per million tokens. */
export const priceSchema = z
  .object({
    input: z.number().min(0),
    output: z.number().min(0),
    cached_input: z.number().min(0).optional().describe('Price of prompt tokens that the provider reads from its cache'),
  })
  .meta({ id: 'Price' });
export type Price = z.infer<typeof priceSchema>;

/** Health of a model, measured by the calls of the model service. It makes no calls for this. */
export const modelHealthSchema = z
  .object({
    state: z
      .enum(['unknown', 'ok', 'failing', 'limited', 'unavailable'])
      .describe('unavailable: the circuit breaker is open. limited: a rate limit is reached. unknown: no recent calls'),
    breaker: z.enum(['closed', 'open', 'half_open']),
    succeeded: z.int().describe('Successful calls of the last five minutes'),
    failed: z.int(),
    ttft_p50_ms: z.number().nullable(),
    last_error: z.object({ code: errorCodeSchema, message: z.string(), at: z.iso.datetime() }).nullable(),
    retry_after_s: z.number().nullable().describe('Seconds until the model is called again'),
  })
  .meta({ id: 'ModelHealth' });
export type ModelHealth = z.infer<typeof modelHealthSchema>;

export const modelSchema = z
  .object({
    id: z.string(),
    provider: z.string(),
    offline: z.boolean().describe('True for models that run inside the platform, without a vendor'),
    kind: z.enum(['chat', 'embedding']),
    description: z.string().optional(),
    aliases: z.array(z.string()).describe('Other ids of this model, retired ones included'),
    context_tokens: z.int().nullable(),
    output_tokens_max: z.int().nullable(),
    price: priceSchema.nullable().describe('US dollars per million tokens; null when unknown'),
    fallbacks: z.array(z.string()).describe('Models that replace it when it fails before its first token'),
    retires_on: z.iso.date().nullable(),
    health: modelHealthSchema,
  })
  .meta({ id: 'Model' });
export type Model = z.infer<typeof modelSchema>;

/** The id of a model that is retired or will be. Requests may still use it. */
export const retiredModelSchema = z
  .object({ id: z.string(), provider: z.string(), on: z.iso.date(), use: z.string() })
  .meta({ id: 'RetiredModel' });
export type RetiredModel = z.infer<typeof retiredModelSchema>;

/** The response of GET `/api/v1/models`. */
export const modelListSchema = z
  .object({
    default_model: z.string().nullable().describe('Used when a request names no model; null while no provider can be reached'),
    models: z.array(modelSchema),
    retired: z.array(retiredModelSchema).describe('Ids that another model replaces, or will replace'),
    accepts_other_ids: z.boolean().describe('True when a provider accepts ids that are not listed'),
    allowed_ids: z
      .array(z.string())
      .optional()
      .describe('Ids of the only models that the API key may use; absent when it may use all'),
    problems: z
      .array(z.object({ provider: z.string(), message: z.string() }))
      .describe('Providers whose models could not be listed'),
  })
  .meta({ id: 'ModelList' });
export type ModelList = z.infer<typeof modelListSchema>;

/** Returns a model id without its parameters: `prodigon-sim` for `prodigon-sim?tokens=5`. Lists, labels and responses use it. */
export function baseModelId(model: string): string {
  return model.split('?', 1)[0] ?? model;
}

/** The ids, aliases and retirements that a model id may refer to. */
export interface ModelNames {
  readonly models: readonly { readonly id: string; readonly aliases: readonly string[] }[];
  readonly retired: readonly RetiredModel[];
}

/**
 * Resolves an alias, or a model that is retired by `today` (YYYY-MM-DD, UTC), to the model that serves the request. Other
 * ids are returned unchanged, with their parameters. A model's own id takes precedence over an equal alias.
 */
export function resolveModelId(modelId: string, names: ModelNames, today: string): { model: string; warning: string | null } {
  const bare = baseModelId(modelId);
  const retirement = names.retired.find(({ id }) => id === bare);
  if (retirement) {
    const { on } = retirement;
    const use = successorOf(retirement, names.retired, today);
    if (on <= today) return { model: use, warning: `${bare} was retired on ${on}. ${use} responds instead.` };
    return { model: modelId, warning: `${bare} will be retired on ${on}. Use ${use} instead.` };
  }
  if (names.models.some(({ id }) => id === bare)) return { model: modelId, warning: null };
  const aliased = names.models.find(({ aliases }) => aliases.includes(bare));
  return { model: aliased?.id ?? modelId, warning: null };
}

/** Returns the last successor, because successors can be retired too, even in a cycle. */
function successorOf(first: RetiredModel, retired: readonly RetiredModel[], today: string): string {
  const seen = new Set([first.id]);
  let { use } = first;
  for (;;) {
    const next = retired.find(({ id, on }) => id === use && on <= today);
    if (!next || seen.has(use)) return use;
    seen.add(use);
    use = next.use;
  }
}

/** Returns the error for a model id that no provider offers. Truncates long ids. */
export function unknownModelError(model: string): AppError {
  const label = JSON.stringify(cutText(baseModelId(model), 80, ''));
  return new AppError('UNKNOWN_MODEL', `No provider offers the model ${label}. GET /v1/models lists the available models.`);
}

/** Returns the error for a model that the API key of the caller may not use. */
export function forbiddenModelError(model: string): AppError {
  const label = JSON.stringify(cutText(baseModelId(model), 80, ''));
  return new AppError(
    'FORBIDDEN',
    `The API key may not use the model ${label}. GET /v1/models lists the models that it may use.`,
  );
}

/** Returns the error for a chat with an embedding model, or for embeddings of a chat model. */
export function wrongKindError(model: string, kind: Model['kind']): AppError {
  const message =
    kind === 'embedding'
      ? `${model} is an embedding model and does not support chat.`
      : `${model} is a chat model and does not support embeddings.`;
  return new AppError('BAD_REQUEST', message, { details: [{ path: 'model', message }] });
}

/** Returns the error for a request without a model while the default provider cannot list its models. */
export function noDefaultModelError(): AppError {
  const message = 'The model provider cannot list its models. Name a model in the request, or set DEFAULT_MODEL.';
  return new AppError('SERVICE_UNAVAILABLE', message, { retryAfterSeconds: 5 });
}
