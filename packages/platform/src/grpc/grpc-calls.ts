import type { handleServerStreamingCall, handleUnaryCall, Metadata, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { AppError } from '@prodigon/contracts';
import type { CallContext } from '@prodigon/ports';
import { bearerOf, createTokenCheck } from '../http/authentication.ts';
import { decodePrincipal, INTERNAL_HEADERS } from '../http/internal-protocol.ts';
import { acceptRequestId } from '../http/request-id.ts';
import { continueTrace } from '../http/request-log.ts';
import type { Lifecycle } from '../lifecycle/graceful-shutdown.ts';
import { type AccessLogOptions, createAccessLog } from '../telemetry/access-log.ts';
import { toMetadata, toStatusObject } from './error-metadata.ts';

export interface GrpcCallOptions extends AccessLogOptions {
  readonly internalToken: string;
  readonly lifecycle: Lifecycle;
  /** Milliseconds that a call may take. Its own deadline may be earlier. */
  readonly timeoutMs: number;
}

/** One authenticated call of another service. */
export interface GrpcCall {
  readonly context: CallContext;
  /** Additional fields of the call's log line. Never a prompt or a response text. */
  readonly record: Record<string, unknown>;
  /** Sends the initial metadata. */
  sendHeaders(headers: Readonly<Record<string, string>>): void;
  /** Calls back when the call has ended, complete or not. */
  onClosed(callback: () => void): void;
}

/** The end of a stream: its trailing metadata, and the error that it ended with. */
export interface GrpcStreamEnd {
  readonly trailers?: Readonly<Record<string, string>> | undefined;
  readonly failure?: AppError | undefined;
}

/** Writes one message. Returns undefined while the client keeps up; otherwise a promise that resolves when it has caught up or disconnected. */
export type WriteMessage<Response> = (message: Response) => Promise<void> | undefined;

/** Wraps the handlers of a service with authentication, the context of the call, the access log and the mapping of errors. */
export interface GrpcCallHandlers {
  unary<Request, Response>(handle: (request: Request, call: GrpcCall) => Promise<Response>): handleUnaryCall<Request, Response>;
  serverStream<Request, Response>(
    handle: (request: Request, call: GrpcCall, write: WriteMessage<Response>) => Promise<GrpcStreamEnd>,
  ): handleServerStreamingCall<Request, Response>;
}

interface OpenCall extends GrpcCall {
  readonly requestId: string;
  close(failure?: AppError): void;
}

type AnyCall<Request, Response> = ServerUnaryCall<Request, Response> | ServerWritableStream<Request, Response>;

export function createGrpcCallHandlers({ internalToken, lifecycle, timeoutMs, ...logging }: GrpcCallOptions): GrpcCallHandlers {
  const isInternal = createTokenCheck(internalToken);
  const log = createAccessLog(logging);

  function open<Request, Response>(call: AnyCall<Request, Response>): OpenCall {
    const { metadata } = call;
    const arrivedAt = performance.now();
    const requestId = acceptRequestId(textOf(metadata, 'x-request-id'));
    const traceparent = continueTrace(textOf(metadata, 'traceparent'));
    const record: Record<string, unknown> = {};
    const closers: (() => void)[] = [];
    const controller = new AbortController();
    const release = lifecycle.track(controller);
    const deadlineMs = Math.min(timeoutMs, timeLeftMs(call));
    const timer = setTimeout(() => controller.abort(new AppError('DEADLINE_EXCEEDED')), deadlineMs);
    let isClosed = false;

    function close(failure?: AppError): void {
      if (isClosed) return;
      isClosed = true;
      clearTimeout(timer);
      release();
      const status = failure?.status ?? 200;
      log({ requestId, traceparent, method: 'POST', route: call.getPath(), status, arrivedAt, record, failure });
      for (const callback of closers) callback();
    }

    call.on('cancelled', () => {
      const failure = new AppError('CANCELLED');
      controller.abort(failure);
      close(failure);
    });
    return {
      requestId,
      record,
      context: {
        requestId,
        traceparent,
        principal: decodePrincipal((name) => textOf(metadata, name)),
        attemptsMax: positive(textOf(metadata, INTERNAL_HEADERS.attemptsMax)),
        linkBase: textOf(metadata, INTERNAL_HEADERS.linkBase),
        deadline: arrivedAt + deadlineMs,
        signal: controller.signal,
      },
      sendHeaders: (headers) => call.sendMetadata(toMetadata({ 'x-request-id': requestId, ...headers })),
      onClosed: (callback) => void closers.push(callback),
      close,
    };
  }

  /** Throws the error for a call that no handler may process. */
  function admit({ metadata }: { readonly metadata: Metadata }): void {
    if (!isInternal(bearerOf(textOf(metadata, 'authorization')))) throw new AppError('UNAUTHENTICATED');
    if (lifecycle.isDraining)
      throw new AppError('SERVICE_UNAVAILABLE', 'The service is shutting down.', { retryAfterSeconds: 1 });
  }

  /** The mark of a call that another replica may process. */
  const rejectionTrailers = (): Record<string, string> =>
    lifecycle.isDraining ? { [INTERNAL_HEADERS.rejected]: 'draining' } : {};

  return {
    unary: (handle) => async (call, respond) => {
      const opened = open(call);
      let trailers: Record<string, string> = {};
      try {
        trailers = rejectionTrailers();
        admit(call);
        trailers = {};
        const response = await handle(call.request, opened);
        opened.close();
        respond(null, response);
      } catch (thrown) {
        const failure = AppError.from(thrown);
        opened.close(failure);
        respond(toStatusObject(failure, opened.requestId, trailers));
      }
    },
    serverStream: (handle) => async (call) => {
      const opened = open(call);
      let trailers: Record<string, string> = rejectionTrailers();
      let end: GrpcStreamEnd;
      try {
        admit(call);
        trailers = {};
        end = await handle(call.request, opened, (message) => {
          if (call.cancelled || call.write(message)) return undefined;
          return drained(call);
        });
      } catch (thrown) {
        end = { failure: AppError.from(thrown), trailers };
      }
      const { failure } = end;
      opened.close(failure);
      if (failure) call.emit('error', toStatusObject(failure, opened.requestId, end.trailers));
      else call.end(toMetadata(end.trailers ?? {}));
    },
  };
}

function drained<Request, Response>(call: ServerWritableStream<Request, Response>): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      call.off('drain', finish).off('cancelled', finish);
      resolve();
    };
    call.on('drain', finish).on('cancelled', finish);
  });
}

/** Returns the milliseconds until the deadline of the client, which travels as a duration in two forms. */
function timeLeftMs<Request, Response>(call: AnyCall<Request, Response>): number {
  const announced = positive(textOf(call.metadata, INTERNAL_HEADERS.timeLeft)) ?? Number.POSITIVE_INFINITY;
  return Math.max(1, Math.min(announced, Number(call.getDeadline()) - Date.now()));
}

function textOf(metadata: Metadata, name: string): string | undefined {
  const [value] = metadata.get(name);
  return typeof value === 'string' ? value : undefined;
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text);
  return value > 0 ? value : undefined;
}
