import { type StreamEvent, streamEventSchemas } from '@prodigon/contracts';
import type { z } from 'zod';
import { readRawEvents } from './raw-events.ts';

/** The schema of the JSON `data` of each `event`. */
export type EventSchemas = Readonly<Record<string, z.ZodType>>;
export type TypedEvent<Schemas extends EventSchemas> = {
  [Name in keyof Schemas & string]: { event: Name; data: z.infer<Schemas[Name]>; id?: string | undefined };
}[keyof Schemas & string];

/**
 * Yields server-sent events as they arrive, and skips events without a schema, so that older clients keep working. Throws
 * the errors of the body, and a `ZodError` or `SyntaxError` for data that does not match its schema, after all events
 * before it.
 */
export async function* readSseEvents<Schemas extends EventSchemas>(
  schemas: Schemas,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<TypedEvent<Schemas>> {
  for await (const { event, data, id } of readRawEvents(body)) {
    const schema = event !== undefined && Object.hasOwn(schemas, event) ? schemas[event] : undefined;
    if (schema) yield { event, data: schema.parse(JSON.parse(data)), id } as TypedEvent<Schemas>;
  }
}

/** Yields the events of a streamed response (`X-Stream-Version: 2`). Throws like `readSseEvents`. */
export const readStreamEvents = (body: AsyncIterable<Uint8Array>): AsyncGenerator<StreamEvent> =>
  readSseEvents(streamEventSchemas, body);
