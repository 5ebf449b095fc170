import {
  AppError,
  FIELD_PROBLEMS_MAX,
  fieldPath,
  flattenIssues,
  isRecord,
  modelIdSchema,
  pairsSchema,
} from '@prodigon/contracts';
import { z } from 'zod';

/** Maximum items of `input`. Agents send the whole session each time, and several items become one message. */
const INPUT_ITEMS_MAX = 8_192;
const TOOLS_MAX = 128;
const METADATA_PAIRS_MAX = 16;

/** The values that `include` accepts. Only log probabilities have an effect; OpenAI also ignores values that do not apply. */
const INCLUDABLE = [
  'message.output_text.logprobs',
  'reasoning.encrypted_content',
  'message.input_image.image_url',
  'web_search_call.results',
  'web_search_call.action.sources',
  'file_search_call.results',
  'code_interpreter_call.outputs',
  'computer_call_output.output.image_url',
] as const;

const jsonObject = z.record(z.string(), z.unknown());

const textFormatSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({
    type: z.literal('json_schema'),
    name: z.string().min(1).max(64),
    schema: jsonObject,
    description: z.string().nullish(),
    strict: z.boolean().nullish(),
  }),
]);
export type TextFormat = z.infer<typeof textFormatSchema>;

/** An item of the input. `checkItems` checks the items, without the copies that a schema makes. */
const itemSchema = z
  .custom<{ type?: string | null | undefined; [field: string]: unknown }>()
  .meta({ type: 'object', properties: { type: { anyOf: [{ type: 'string' }, { type: 'null' }] } }, additionalProperties: {} });

function checkItems(items: readonly unknown[], { addIssue }: Pick<z.RefinementCtx, 'addIssue'>): void {
  let problems = 0;
  for (const [index, item] of items.entries()) {
    const type = isRecord(item) ? item.type : undefined;
    if (isRecord(item) && (type === undefined || type === null || typeof type === 'string')) continue;
    const path = isRecord(item) ? [index, 'type'] : [index];
    addIssue({ code: 'custom', path, message: isRecord(item) ? 'Must be a string' : 'Must be an object' });
    if (++problems === FIELD_PROBLEMS_MAX) return;
  }
}

/**
 * The body of `POST /v1/responses`. It validates only the fields that Prodigon interprets. Tools and input items have
 * many kinds, so the translation rejects unsupported ones by name. Unlisted fields are passed to the provider unchanged.
 * Source: https://platform.openai.com/docs/api-reference/responses/create
 */
export const responsesRequestSchema = z
  .looseObject({
    model: modelIdSchema.nullish().describe('A model id from `GET /v1/models`. Without it the default model is used.'),
    input: z
      .union([z.string().min(1), z.array(itemSchema).min(1).max(INPUT_ITEMS_MAX).superRefine(checkItems)])
      .describe('A string, or the whole conversation as messages, function calls and their outputs, oldest first'),
    instructions: z.string().nullish(),
    max_output_tokens: z.int().min(1).nullish(),
    temperature: z.number().min(0).max(2).nullish(),
    top_p: z.number().min(0).max(1).nullish(),
    tools: z
      .array(z.looseObject({ type: z.string() }))
      .max(TOOLS_MAX)
      .nullish()
      .describe(
        'Tools of the types `function`, `custom`, `namespace`, `local_shell`, `shell` and `apply_patch`. Prodigon ignores hosted tools, which run at OpenAI.',
      ),
    include: z.array(z.enum(INCLUDABLE)).max(64).nullish(),
    max_tool_calls: z.int().min(1).nullish(),
    top_logprobs: z.int().min(0).max(20).nullish(),
    truncation: z.enum(['auto', 'disabled']).nullish(),
    service_tier: z.string().nullish(),
    prompt_cache_key: z.string().nullish(),
    prompt_cache_retention: z.string().nullish(),
    safety_identifier: z.string().nullish(),
    stream_options: z.looseObject({ include_obfuscation: z.boolean().nullish() }).nullish(),
    tool_choice: z.union([z.enum(['none', 'auto', 'required']), z.looseObject({ type: z.string() })]).nullish(),
    parallel_tool_calls: z.boolean().nullish(),
    text: z.looseObject({ format: textFormatSchema.nullish(), verbosity: z.enum(['low', 'medium', 'high']).nullish() }).nullish(),
    reasoning: z
      .looseObject({
        effort: z.string().nullish(),
        summary: z.enum(['auto', 'concise', 'detailed']).nullish(),
      })
      .nullish(),
    metadata: pairsSchema(z.string().max(64), z.string().max(512), METADATA_PAIRS_MAX).nullish(),
    user: z.string().nullish(),
    stream: z.boolean().nullish(),
    store: z
      .boolean()
      .nullish()
      .describe('Accepted but ignored. Responses are never stored, and `store` is always `false` in the response.'),
    background: z.boolean().nullish(),
    previous_response_id: z.string().nullish(),
  })
  .meta({ id: 'ResponsesRequest' });
export type ResponsesRequest = z.infer<typeof responsesRequestSchema>;

/**
 * Parses one field with a schema. Throws `BAD_REQUEST` with the path of each problem, e.g. `tools[0].name`. Returns a value
 * that `isPlain` recognizes unchanged: a request has up to thousands of items, and a schema costs a multiple of a comparison.
 */
export function parseField<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  at: string,
  isPlain?: (value: Readonly<Record<string, unknown>>) => boolean,
): z.output<Schema> {
  if (isPlain && isRecord(value) && isPlain(value)) return value as z.output<Schema>;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const details = flattenIssues(result.error.issues).map(({ path, message }) => ({ path: fieldPath([at, ...path]), message }));
  const fields = details.slice(0, 5).map(({ path, message }) => `${path}: ${message}`);
  throw new AppError('BAD_REQUEST', `The request does not fit its schema. ${fields.join('. ')}.`, { details });
}

/** Returns a `BAD_REQUEST` for a feature of OpenAI's API that Prodigon does not support. The message says what to do instead. */
export function unsupportedFieldError(path: string, message: string): AppError {
  return new AppError('BAD_REQUEST', message, { details: [{ path, message }] });
}
