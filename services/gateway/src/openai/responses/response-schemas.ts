import { z } from 'zod';

/**
 * What clients may rely on in responses. Items and events have many kinds, so each schema lists the fields of all kinds.
 * Source: https://platform.openai.com/docs/api-reference/responses/object
 */
const count = z.int().min(0);
const position = (of: string) => count.optional().describe(`Position of the ${of}, from 0`);

const partSchema = z
  .looseObject({
    type: z.string().describe('`output_text`, `refusal` or `summary_text`'),
    text: z.string().optional(),
    refusal: z.string().optional(),
    annotations: z.array(z.looseObject({ type: z.string() })).optional(),
  })
  .meta({ id: 'ResponsePart' });

const itemSchema = z
  .looseObject({
    type: z.string().describe('`message`, `function_call`, `reasoning`, or the type of another call'),
    id: z.string(),
    status: z.string().optional().describe('`in_progress`, `completed` or `incomplete`'),
    role: z.string().optional().describe('`assistant`, in messages'),
    content: z.array(partSchema).optional().describe('The parts of a message'),
    summary: z.array(partSchema).optional().describe('The parts of the reasoning'),
    call_id: z.string().optional().describe('The id for the output of a call'),
    name: z.string().optional().describe('The function that the model calls'),
    arguments: z.string().optional().describe('A JSON text, which the model may write incorrectly'),
  })
  .meta({ id: 'ResponseItem' });

const usageSchema = z
  .looseObject({
    input_tokens: count,
    input_tokens_details: z.looseObject({ cached_tokens: count }),
    output_tokens: count,
    output_tokens_details: z.looseObject({ reasoning_tokens: count }),
    total_tokens: count,
  })
  .meta({ id: 'ResponseUsage' });

export const responseSchema = z
  .looseObject({
    id: z.string(),
    object: z.literal('response'),
    created_at: z.number().describe('Seconds since 1970-01-01 UTC'),
    completed_at: z.number().nullish(),
    status: z.enum(['in_progress', 'completed', 'incomplete', 'failed']),
    error: z.looseObject({ code: z.string(), message: z.string() }).nullable(),
    incomplete_details: z.looseObject({ reason: z.string().optional() }).nullable(),
    model: z.string().describe('The model that responded'),
    output: z.array(itemSchema),
    usage: usageSchema.nullish(),
    instructions: z.string().nullish(),
    max_output_tokens: z.int().nullish(),
    metadata: z.record(z.string(), z.string()).nullish(),
    parallel_tool_calls: z.boolean(),
    temperature: z.number().nullish(),
    top_p: z.number().nullish(),
    tools: z.array(z.looseObject({ type: z.string() })),
  })
  .meta({ id: 'Response' });

/** Source: https://platform.openai.com/docs/api-reference/responses-streaming */
export const responseEventSchema = z
  .looseObject({
    type: z.string().describe('E.g. `response.output_text.delta`'),
    sequence_number: count,
    response: responseSchema.optional().describe('In events about the whole response, e.g. `response.completed`'),
    output_index: position('item'),
    item_id: z.string().optional(),
    item: itemSchema.optional(),
    content_index: position('part of a message'),
    summary_index: position('part of the reasoning'),
    part: partSchema.optional(),
    delta: z.string().optional().describe('The next piece of a text or of the arguments of a call'),
    text: z.string().optional().describe('The complete text'),
    arguments: z.string().optional().describe('The complete arguments'),
    code: z.string().nullish().describe('In the event `error`'),
    message: z.string().optional().describe('In the event `error`'),
  })
  .meta({ id: 'ResponseEvent' });
