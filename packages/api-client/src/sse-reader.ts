import { type StreamEvent, streamEventSchemas } from '@prodigon/contracts';
import { createParser } from 'eventsource-parser';
import type { z } from 'zod';

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
  const decoder = new TextDecoder();
  const ready: TypedEvent<Schemas>[] = [];
  let failure: { error: unknown } | undefined;
  const parser = createParser({
    onEvent({ event, data, id }) {
      const schema = event !== undefined && Object.hasOwn(schemas, event) ? schemas[event] : undefined;
      if (!schema || failure) return;
      try {
        ready.push({ event, data: schema.parse(JSON.parse(data)), id } as TypedEvent<Schemas>);
      } catch (error) {
        // The events before it in the same chunk are still yielded, so that the chunking does not affect the result.
        failure = { error };
      }
    },
  });
  for await (const chunk of body) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    yield* ready.splice(0);
    if (failure) throw failure.error;
  }
}

/** Yields the events of a streamed response (`X-Stream-Version: 2`). Throws like `readSseEvents`. */
export const readStreamEvents = (body: AsyncIterable<Uint8Array>): AsyncGenerator<StreamEvent> =>
  readSseEvents(streamEventSchemas, body);
