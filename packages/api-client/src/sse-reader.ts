import { createParser } from 'eventsource-parser';
import type { z } from 'zod';

/** What each `event` carries as its JSON `data`. */
export type EventSchemas = Readonly<Record<string, z.ZodType>>;
export type TypedEvent<Schemas extends EventSchemas> = {
  [Name in keyof Schemas & string]: { event: Name; data: z.infer<Schemas[Name]>; id?: string | undefined };
}[keyof Schemas & string];

/**
 * Reads server-sent events as they arrive. Events that this version does not know are passed over, so an
 * older client keeps working. Throws what the body throws, and a `ZodError` or `SyntaxError` for a known
 * event with data that does not fit, after all the events before it.
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
        // What came in the same piece before it still counts: how the network cuts must not change what is read.
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
