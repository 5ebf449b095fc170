import { checkEventSchemas, labEventSchemas, WORKSHOP_OPERATIONS, type WorkshopOperation } from '@prodigon/contracts/workshop';
import type { z } from 'zod';
import type { HttpClient } from './http-client.ts';
import { createIdleTimeout, HEARTBEATS_MISSED_MS } from './idle-timeout.ts';
import { type ReconnectOptions, reconnectEvents } from './reconnect-events.ts';
import { type EventSchemas, readSseEvents, type TypedEvent } from './sse-reader.ts';

export { createHttpClient, type HttpClient, type HttpOptions } from './http-client.ts';

type Operations = typeof WORKSHOP_OPERATIONS;
type StreamName = { [Name in keyof Operations]: Operations[Name]['response'] extends null ? Name : never }[keyof Operations];

/** The names of the parameters in a path, e.g. `task` for `/api/v1/workshop/:task`. */
type ParameterOf<Path> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParameterOf<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;
type Parameters<Operation extends WorkshopOperation> = Readonly<Record<ParameterOf<Operation['path']>, string>>;

type Arguments<Operation extends WorkshopOperation> = Operation extends { body: infer Body extends z.ZodType }
  ? Record<never, never> extends z.input<Body>
    ? [body?: z.input<Body>, signal?: AbortSignal]
    : [body: z.input<Body>, signal?: AbortSignal]
  : [body?: undefined, signal?: AbortSignal];

type Call<Operation extends WorkshopOperation> = (
  parameters: Parameters<Operation>,
  ...rest: Arguments<Operation>
) => Promise<Operation['response'] extends infer Response extends z.ZodType ? z.infer<Response> : never>;

const EVENT_SCHEMAS = { watchCheckRun: checkEventSchemas, watchLabRun: labEventSchemas } as const satisfies Record<
  StreamName,
  EventSchemas
>;

export interface WatchRunOptions extends ReconnectOptions {
  /** Milliseconds without a byte after which the connection counts as lost. */
  idleTimeoutMs?: number | undefined;
}

/**
 * One method for each of `WORKSHOP_OPERATIONS`, with the parameters of its path, its body and a signal. `watchCheckRun`
 * and `watchLabRun` yield typed events up to `end` and reconnect as often as necessary; each connection starts with the
 * whole run. They throw errors that a retry cannot fix.
 */
export type WorkshopApi = {
  readonly [Name in Exclude<keyof Operations, StreamName>]: Call<Operations[Name]>;
} & {
  readonly [Name in StreamName]: (
    parameters: Parameters<Operations[Name]>,
    options?: WatchRunOptions,
  ) => AsyncGenerator<TypedEvent<(typeof EVENT_SCHEMAS)[Name]>>;
};

/** Creates a typed client of the workshop's runner, which the gateway relays. Errors are those of `HttpClient`. */
export function createWorkshopApi(http: HttpClient): WorkshopApi {
  const methods = Object.entries(WORKSHOP_OPERATIONS).map(([name, operation]) => [
    name,
    operation.response === null
      ? createWatch(http, operation, EVENT_SCHEMAS[name as StreamName])
      : createCall(http, operation, operation.response),
  ]);
  return Object.fromEntries(methods);
}

type PathValues = Readonly<Record<string, string>>;

const pathOf = ({ path }: WorkshopOperation, values: PathValues) =>
  path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));

const createCall =
  (http: HttpClient, operation: WorkshopOperation, response: z.ZodType) =>
  (parameters: PathValues, body?: unknown, signal?: AbortSignal) =>
    http.json(pathOf(operation, parameters), response, {
      method: operation.method,
      ...(operation.body && { body: JSON.stringify(body ?? {}), headers: { 'content-type': 'application/json' } }),
      signal,
    });

function createWatch(http: HttpClient, operation: WorkshopOperation, schemas: EventSchemas) {
  return (parameters: PathValues, { idleTimeoutMs = HEARTBEATS_MISSED_MS, ...options }: WatchRunOptions = {}) => {
    const connect = (onOpen: () => void) => {
      const idleTimeout = createIdleTimeout(idleTimeoutMs, options.signal);
      const init = { headers: { accept: 'text/event-stream' }, signal: idleTimeout.signal };
      return readSseEvents(schemas, idleTimeout.watch(http.bytes(pathOf(operation, parameters), init, onOpen)));
    };
    return reconnectEvents(connect, options);
  };
}
