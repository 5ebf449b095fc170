import { z } from 'zod';

/**
 * Returns the schema of one server-sent event as clients receive it, `{event, data, id}`, for the schemas of `data` by
 * event. `data` is parsed JSON.
 */
export function eventSchema(id: string, schemas: Readonly<Record<string, z.ZodType>>): z.ZodType {
  const events = Object.entries(schemas).map(([event, data]) =>
    z
      .object({ event: z.literal(event), data, id: z.string().optional().describe('The position to resume from') })
      .meta({ id: `${id}${event.replaceAll(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase())}` }),
  );
  const [first, ...rest] = events;
  if (!first) throw new Error(`${id} has no events.`);
  return z.discriminatedUnion('event', [first, ...rest]).meta({ id });
}
