import { AppError } from '@prodigon/contracts';
import { type CreateTurn, type TurnEvent, turnEventSchemas } from '@prodigon/contracts/conversations';
import { GatewayConnectionError, type HttpClient, toQueryString } from './http-client.ts';
import { createIdleTimeout, HEARTBEATS_MISSED_MS } from './idle-timeout.ts';
import { type EventPolicy, type ReconnectOptions, reconnectEvents, retryDelayOf } from './reconnect-events.ts';
import { createIdempotencyKey } from './retry-submission.ts';
import { readSseEvents } from './sse-reader.ts';

export interface TurnStreamOptions extends ReconnectOptions {
  /** Milliseconds without a byte after which the connection counts as lost. */
  idleTimeoutMs?: number | undefined;
}

export interface TurnOptions extends TurnStreamOptions {
  /** Turns with the same key start one generation. Random by default. */
  idempotencyKey?: string | undefined;
}

export interface ResumeOptions extends TurnStreamOptions {
  /** Position after which the response begins, see `positionOf`. Without it, all of it with its `start`. */
  after?: number | undefined;
}

/** A turn that has not started is sent at most this many times. */
const SUBMISSIONS_MAX = 5;
const isLast: EventPolicy<TurnEvent>['isLast'] = ({ event }) => event === 'done' || event === 'error';

/** Returns the position of an event in its response, in UTF-16 code units. */
export const positionOf = ({ id }: TurnEvent): number | undefined => {
  const position = Number(id?.slice(id.lastIndexOf(':') + 1) || Number.NaN);
  return Number.isSafeInteger(position) ? position : undefined;
};

/**
 * Yields the events of a turn up to its `done` or `error`, each part of the response once. When the connection is lost,
 * it repeats the turn with the same key until the turn has started, then resumes as often as necessary. Throws the error
 * of a turn that the gateway rejects, and the reason of an aborted signal. The turn continues after an abort.
 */
export async function* streamTurn(
  http: HttpClient,
  conversationId: string,
  turn: CreateTurn,
  { idempotencyKey = createIdempotencyKey(), ...options }: TurnOptions = {},
): AsyncGenerator<TurnEvent> {
  let generationId: string | undefined;
  let submissions = 0;
  const submit = (onOpen: () => void) => {
    submissions += 1;
    const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
    const path = `/api/v1/chat/sessions/${encodeURIComponent(conversationId)}/turns`;
    return openEvents(http, path, { method: 'POST', body: JSON.stringify(turn), headers }, options, onOpen);
  };
  const connect: Connect = (after, onOpen) =>
    generationId === undefined ? submit(onOpen) : openGeneration(http, generationId, after, options, onOpen);

  const minDelayMs = (error: unknown) => {
    if (generationId !== undefined) return retryDelayOf(error);
    const isConflict = submissions > 1 && error instanceof AppError && error.code === 'CONFLICT';
    if (submissions >= SUBMISSIONS_MAX || !(isConflict || error instanceof GatewayConnectionError)) throw error;
    return 0;
  };

  for await (const event of readEachOnce(undefined, connect, options, { isLast, minDelayMs })) {
    if (event.event === 'start') generationId = event.data.generation_id;
    yield event;
  }
}

/** Yields the events of a generation after a position, like `streamTurn`. Throws `NOT_RESUMABLE` for a deleted one. */
export function resumeGeneration(
  http: HttpClient,
  generationId: string,
  { after, ...options }: ResumeOptions = {},
): AsyncGenerator<TurnEvent> {
  const connect: Connect = (position, onOpen) => openGeneration(http, generationId, position, options, onOpen);
  return readEachOnce(after, connect, options, { isLast });
}

type Connect = (after: number | undefined, onOpen: () => void) => AsyncGenerator<TurnEvent>;

async function* readEachOnce(
  first: number | undefined,
  connect: Connect,
  options: ReconnectOptions,
  policy: Partial<EventPolicy<TurnEvent>>,
): AsyncGenerator<TurnEvent> {
  let after = first;
  for await (const event of reconnectEvents((onOpen) => connect(after, onOpen), options, policy)) {
    const position = positionOf(event);
    const isRepeated = position !== undefined && after !== undefined && position <= after && !isLast(event);
    if (isRepeated) continue;
    after = position ?? after;
    yield event;
  }
}

function openGeneration(
  http: HttpClient,
  generationId: string,
  after: number | undefined,
  options: TurnStreamOptions,
  onOpen: () => void,
): AsyncGenerator<TurnEvent> {
  const path = `/api/v1/generations/${encodeURIComponent(generationId)}/stream${toQueryString({ after })}`;
  return openEvents(http, path, {}, options, onOpen);
}

async function* openEvents(
  http: HttpClient,
  path: string,
  init: RequestInit & { headers?: Record<string, string> },
  { signal, idleTimeoutMs = HEARTBEATS_MISSED_MS }: TurnStreamOptions,
  onOpen: () => void,
): AsyncGenerator<TurnEvent> {
  const idleTimeout = createIdleTimeout(idleTimeoutMs, signal);
  const headers = { ...init.headers, accept: 'text/event-stream' };
  const bytes = http.bytes(path, { ...init, headers, signal: idleTimeout.signal }, onOpen);
  yield* readSseEvents(turnEventSchemas, idleTimeout.watch(bytes));
  throw new GatewayConnectionError('interrupted', 'The response ended before it was complete.');
}
