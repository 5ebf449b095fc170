import { z } from 'zod';
import { GENERATION_LIMITS, generateRequestSchema } from '../generation.ts';
import { nullish } from '../optional-fields.ts';
import { queryNumber } from '../query-number.ts';
import { storable } from '../storable-text.ts';
import { streamEventSchemas } from '../stream-events.ts';
import { CONVERSATION_LIMITS, conversationSchema, messageStatusSchema } from './conversations.ts';

const { model, max_tokens, temperature } = generateRequestSchema.shape;
const isNotBlank = (text: string) => text.trim() !== '';

/**
 * Body of POST `/api/v1/chat/sessions/{id}/turns`. Exactly one of `content`, `regenerate` and `continue`: a new question, a
 * new response to an earlier question, or the rest of a response that ended early.
 */
export const createTurnSchema = z
  .strictObject({
    content: nullish(
      storable(
        z.string().min(1, { abort: true }).max(CONVERSATION_LIMITS.contentCharactersMax).refine(isNotBlank, 'Must not be blank'),
      ),
    ).describe('The question'),
    parent_id: z
      .uuid()
      .nullable()
      .optional()
      .describe(
        'The message that the question follows; null for a new first question. Defaults to the last message of the active path',
      ),
    attachment_ids: nullish(z.array(z.uuid().toLowerCase()).max(CONVERSATION_LIMITS.attachmentsMax)).describe(
      'Attachments of the question',
    ),
    regenerate: nullish(z.uuid()).describe('Id of a question, or of a response to it: adds another response to the question'),
    continue: nullish(z.uuid()).describe('Id of a response that was stopped, interrupted, or reached its maximum length'),
    model: model.describe('Defaults to the model of the conversation'),
    max_tokens,
    temperature,
  })
  .superRefine((turn, context) => {
    const given = [turn.content, turn.regenerate, turn.continue].filter((value) => value !== undefined).length;
    if (given !== 1)
      context.addIssue({
        code: 'custom',
        path: [given === 0 ? 'content' : turn.regenerate === undefined ? 'continue' : 'regenerate'],
        message: 'Requires exactly one of content, regenerate and continue',
      });
    for (const field of ['parent_id', 'attachment_ids'] as const)
      if (turn[field] !== undefined && turn.content === undefined)
        context.addIssue({ code: 'custom', path: [field], message: 'Requires content' });
  })
  .meta({ id: 'CreateTurn' });
export type CreateTurn = z.infer<typeof createTurnSchema>;

/** Maximum bytes of the body of a turn. */
export const TURN_BODY_BYTES_MAX = GENERATION_LIMITS.bodyBytesMax;

/**
 * The events of a turn and of `/api/v1/generations/{id}/stream`. The id of an event is `<generation id>:<position>`, where
 * the position counts the UTF-16 code units of the response (reasoning, text and the arguments of tool calls, in their
 * order) up to the end of the event. `start` has the position 0. To resume, send the id of the last event as
 * `Last-Event-ID`, or its position as `?after=`: the stream continues there exactly, with events that may be cut differently.
 */
export const turnEventSchemas = {
  ...streamEventSchemas,
  start: streamEventSchemas.start.extend({
    conversation: conversationSchema,
    user_message_id: z.uuid().nullable().describe('The question; null for a response that continues'),
    message_id: z.uuid().describe('The response'),
    is_continuation: z.boolean().describe('True when the text is appended to the text of the message'),
    message_position: z
      .int()
      .describe('Position in the message where the response begins: the length of the text that it continues; otherwise 0'),
    omitted_messages: z
      .int()
      .nullable()
      .describe(
        'Number of oldest messages that the request to the model leaves out, because its context is too small for them; null in the stream of a response that has ended',
      ),
  }),
} as const;
export type TurnEventName = keyof typeof turnEventSchemas;
export type TurnEventData<Name extends TurnEventName> = z.infer<(typeof turnEventSchemas)[Name]>;
/** One event as a client receives it. */
export type TurnEvent = {
  [Name in TurnEventName]: { event: Name; data: TurnEventData<Name>; id?: string | undefined };
}[TurnEventName];

/** Response of GET `/api/v1/generations/{id}` and POST `/api/v1/generations/{id}/cancel`. */
export const generationSchema = z
  .object({
    id: z.uuid(),
    conversation_id: z.uuid(),
    message_id: z.uuid(),
    status: messageStatusSchema,
    model: z.string().nullable(),
    started_at: z.iso.datetime(),
    completed_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Generation' });
export type Generation = z.infer<typeof generationSchema>;

export const generationStreamQuerySchema = z.strictObject({
  after: queryNumber(z.int().min(0)).optional().describe('Return the response after this position. Without it, all of it'),
});
