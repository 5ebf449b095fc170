import { AppError, modelIdSchema } from '@prodigon/contracts';
import { z } from 'zod';

/** Maximum items of `input`. Together with the instructions they fit the model service's limit of messages. */
const INPUT_ITEMS_MAX = 500;
const TOOLS_MAX = 128;

const jsonObject = z.record(z.string(), z.unknown());

const textFormatSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({
    type: z.literal('json_schema'),
    name: z.string().min(1).max(64),
    schema: jsonObject,
    description: z.string().exactOptional(),
    strict: z.boolean().nullable().exactOptional(),
  }),
]);
export type TextFormat = z.infer<typeof textFormatSchema>;

/**
 * The body of `POST /v1/responses`. It validates only the fields that Prodigon interprets. Tools and input items have
 * many kinds, so the translation rejects unsupported ones by name. Unlisted fields are passed to the provider unchanged.
 * Source: https://platform.openai.com/docs/api-reference/responses/create
 */
export const responsesRequestSchema = z
  .looseObject({
    model: modelIdSchema.nullish().describe('A model id from `GET /v1/models`. Without it the default model is used.'),
    input: z
      .union([
        z.string().min(1),
        z
          .array(z.looseObject({ type: z.string().nullish() }))
          .min(1)
          .max(INPUT_ITEMS_MAX),
      ])
      .describe('A text, or the whole conversation as messages, function calls and their outputs, oldest first'),
    instructions: z.string().nullish(),
    max_output_tokens: z.int().min(1).nullish(),
    temperature: z.number().min(0).max(2).nullish(),
    top_p: z.number().min(0).max(1).nullish(),
    tools: z
      .array(z.looseObject({ type: z.string() }))
      .max(TOOLS_MAX)
      .nullish()
      .describe('Only tools of the type `function` are supported.'),
    tool_choice: z.union([z.enum(['none', 'auto', 'required']), z.looseObject({ type: z.string() })]).nullish(),
    parallel_tool_calls: z.boolean().nullish(),
    text: z.looseObject({ format: textFormatSchema.nullish(), verbosity: z.enum(['low', 'medium', 'high']).nullish() }).nullish(),
    reasoning: z.looseObject({ effort: z.string().nullish() }).nullish(),
    metadata: z.record(z.string().max(64), z.string().max(512)).nullish(),
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

/** Parses one field with a schema. Throws `BAD_REQUEST` with the path of each problem, e.g. `tools[0].name`. */
export function parseField<Schema extends z.ZodType>(schema: Schema, value: unknown, at: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const details = result.error.issues.map(({ path, message }) => ({ path: fieldPath(at, path), message }));
  const fields = details.slice(0, 5).map(({ path, message }) => `${path}: ${message}`);
  throw new AppError('BAD_REQUEST', `The request does not fit its schema. ${fields.join('. ')}.`, { details });
}

/** Returns a `BAD_REQUEST` for a feature of OpenAI's API that Prodigon does not support. The message says what to do instead. */
export function unsupportedFieldError(path: string, message: string): AppError {
  return new AppError('BAD_REQUEST', message, { details: [{ path, message }] });
}

function fieldPath(at: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>((whole, key) => whole + (typeof key === 'number' ? `[${key}]` : `.${String(key)}`), at);
}
