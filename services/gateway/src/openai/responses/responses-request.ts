import { z } from 'zod';

/** Items of `input` that one request may carry: with the instructions they fit what the model service takes. */
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
 * The body of POST `/v1/responses`. Only what has to be understood is looked at: tools and items of the
 * input have many kinds, and those that cannot be translated are refused by name later. Fields that are
 * not listed go to the provider untouched, as in a chat completion.
 * Source: https://platform.openai.com/docs/api-reference/responses/create
 */
export const responsesRequestSchema = z
  .looseObject({
    model: z.string().min(1).max(256).nullish().describe('A model id of GET /v1/models; the default model without it'),
    input: z
      .union([
        z.string().min(1),
        z
          .array(z.looseObject({ type: z.string().nullish() }))
          .min(1)
          .max(INPUT_ITEMS_MAX),
      ])
      .describe('A text, or the whole conversation: messages, function calls and their outputs, oldest first'),
    instructions: z.string().nullish(),
    max_output_tokens: z.int().min(1).nullish(),
    temperature: z.number().min(0).max(2).nullish(),
    top_p: z.number().min(0).max(1).nullish(),
    tools: z
      .array(z.looseObject({ type: z.string() }))
      .max(TOOLS_MAX)
      .nullish()
      .describe('Functions; no other kind of tool'),
    tool_choice: z.union([z.enum(['none', 'auto', 'required']), z.looseObject({ type: z.string() })]).nullish(),
    parallel_tool_calls: z.boolean().nullish(),
    text: z.looseObject({ format: textFormatSchema.nullish(), verbosity: z.enum(['low', 'medium', 'high']).nullish() }).nullish(),
    reasoning: z.looseObject({ effort: z.string().nullish() }).nullish(),
    metadata: z.record(z.string().max(64), z.string().max(512)).nullish(),
    user: z.string().nullish(),
    stream: z.boolean().nullish(),
    store: z.boolean().nullish().describe('Accepted; nothing is stored, and the answer says so'),
    background: z.boolean().nullish(),
    previous_response_id: z.string().nullish(),
  })
  .meta({ id: 'ResponsesRequest' });
export type ResponsesRequest = z.infer<typeof responsesRequestSchema>;
