import { z } from 'zod';
import { AppError, errorCodeSchema } from './error-codes.ts';

/** US dollars for a million tokens. */
export const priceSchema = z.object({
  input: z.number().min(0),
  output: z.number().min(0),
  cached_input: z.number().min(0).optional().describe('Of a prompt, what the provider had in its cache'),
});
export type Price = z.infer<typeof priceSchema>;

/** What the model service has measured of its own calls; nothing is asked of a provider for this. */
export const modelHealthSchema = z.object({
  state: z
    .enum(['unknown', 'ok', 'failing', 'limited', 'unavailable'])
    .describe('unavailable: its breaker is open. limited: it is at a rate limit. unknown: it has not been called lately'),
  breaker: z.enum(['closed', 'open', 'half_open']),
  succeeded: z.int().describe('Calls of the last five minutes'),
  failed: z.int(),
  ttft_p50_ms: z.number().nullable(),
  last_error: z.object({ code: errorCodeSchema, message: z.string(), at: z.iso.datetime() }).nullable(),
  retry_after_s: z.number().nullable().describe('When it will be called again'),
});
export type ModelHealth = z.infer<typeof modelHealthSchema>;

export const modelSchema = z.object({
  id: z.string(),
  provider: z.string(),
  offline: z.boolean().describe('True for the models that run inside the platform, without any vendor'),
  kind: z.enum(['chat', 'embedding']),
  description: z.string().optional(),
  aliases: z.array(z.string()).describe('Other ids that mean this model, retired ones included'),
  context_tokens: z.int().nullable(),
  output_tokens_max: z.int().nullable(),
  price: priceSchema.nullable().describe('US dollars for a million tokens; null when it is not known'),
  fallbacks: z.array(z.string()).describe('Who answers in its place when it fails before its first word'),
  retires_on: z.iso.date().nullable(),
  health: modelHealthSchema,
});
export type Model = z.infer<typeof modelSchema>;

/** An id that is still understood though its model is gone, or about to go. */
export const retiredModelSchema = z.object({ id: z.string(), provider: z.string(), on: z.iso.date(), use: z.string() });
export type RetiredModel = z.infer<typeof retiredModelSchema>;

/** The answer of GET `/api/v1/models`. */
export const modelListSchema = z
  .object({
    default_model: z.string().nullable().describe('Used when a request names no model; null while no provider can say'),
    models: z.array(modelSchema),
    retired: z.array(retiredModelSchema).describe('Ids that are answered by another model, or will be'),
    accepts_other_ids: z.boolean().describe('True when ids that are not listed are passed on to a provider'),
    problems: z
      .array(z.object({ provider: z.string(), message: z.string() }))
      .describe('Providers that could not list their models just now'),
  })
  .meta({ id: 'ModelList' });
export type ModelList = z.infer<typeof modelListSchema>;

/** `prodigon-sim?tokens=5` → `prodigon-sim`: what listings, labels and echoes carry. */
export function baseModelId(model: string): string {
  return model.split('?', 1)[0] ?? model;
}

/** What may be said of a model's other names. */
export interface ModelNames {
  readonly models: readonly { readonly id: string; readonly aliases: readonly string[] }[];
  readonly retired: readonly RetiredModel[];
}

/**
 * What an alias stands for, or what has taken the place of a model that is gone by `today` (YYYY-MM-DD, UTC). Other
 * names come back as they are, parameters included; a model's own id wins over the same word as an alias.
 */
export function resolveModelId(named: string, names: ModelNames, today: string): { model: string; warning: string | null } {
  const bare = baseModelId(named);
  const retirement = names.retired.find(({ id }) => id === bare);
  if (retirement) {
    const { on } = retirement;
    const use = successorOf(retirement, names.retired, today);
    if (on <= today) return { model: use, warning: `${bare} was retired on ${on}: ${use} answers in its place.` };
    return { model: named, warning: `${bare} will be retired on ${on}. Use ${use} instead.` };
  }
  if (names.models.some(({ id }) => id === bare)) return { model: named, warning: null };
  const owner = names.models.find(({ aliases }) => aliases.includes(bare));
  return { model: owner?.id ?? named, warning: null };
}

/** A successor can be retired in its turn; the file may even go round in circles. */
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

export function unknownModelError(model: string): AppError {
  const shown = JSON.stringify(baseModelId(model).slice(0, 80));
  return new AppError('UNKNOWN_MODEL', `No provider offers the model ${shown}. GET /api/v1/models lists those there are.`);
}

/** No model was named, and the default provider cannot say which one it has. */
export function noDefaultModelError(): AppError {
  const message = 'The model provider cannot be asked for its models. Name one in the request, or set DEFAULT_MODEL.';
  return new AppError('SERVICE_UNAVAILABLE', message, { retryAfterSeconds: 5 });
}
