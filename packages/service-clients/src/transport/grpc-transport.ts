import { type CallOptions, type ClientReadableStream, type ClientUnaryCall, type ServiceError, status } from '@grpc/grpc-js';
import {
  FrameFormat as Format,
  type FrameFormat,
  type GenerateStreamResponse,
  HealthCheckResponse_ServingStatus,
} from '@prodigon/contracts/grpc';
import { INTERNAL_HEADERS } from '@prodigon/platform';
import { fromMetadata, readErrorResponse, toMetadata } from '@prodigon/platform/grpc';
import { createGrpcChannel, type GrpcConnection } from './grpc-channel.ts';
import { ConnectionError, isWholeBody, type Transport, type TransportRequest, type TransportResponse } from './transport.ts';

export interface GrpcTransportOptions {
  /** The URL of the replica for gRPC. */
  readonly grpcUrl: string;
  readonly connectTimeoutMs: number;
  /** Milliseconds between two pings, and the timeout of each. */
  readonly keepaliveMs?: number | undefined;
  /** Sends the requests that have no gRPC method. */
  readonly http: Transport;
}

type Send = (connection: GrpcConnection, request: TransportRequest) => Promise<TransportResponse>;

/**
 * Creates a transport over gRPC. The requests of the inference service become calls, and all others use `http`. A call has
 * one channel for each replica, and fails like a request over HTTP, so that the load balancer needs no case of its own.
 */
export function createGrpcTransport({ grpcUrl, http, ...options }: GrpcTransportOptions): Transport {
  const channel = createGrpcChannel({ ...options, baseUrl: grpcUrl });
  return {
    async send(request) {
      const send = CALLS[`${request.method} ${request.path}`];
      if (!send) return http.send(request);
      const connection = await channel.connect();
      request.signal.throwIfAborted();
      return send(connection, request);
    },
    async close() {
      channel.close();
      await http.close();
    },
  };
}

/** The calls by the request that they replace. */
const CALLS: Readonly<Record<string, Send>> = {
  'POST /internal/v1/chat': ({ inference }, request) =>
    sendUnary(request, (metadata, options, callback) => {
      const message = { request: { $case: 'openaiRequest', value: bodyOf(request) } } as const;
      return inference.generate(message, metadata, options, (error, response) =>
        callback(error, response?.response?.value as Buffer | undefined),
      );
    }),

  'POST /internal/v1/embeddings': ({ inference }, request) =>
    sendUnary(request, (metadata, options, callback) => {
      const message = { request: { $case: 'openaiRequest', value: bodyOf(request) } } as const;
      return inference.embed(message, metadata, options, (error, response) =>
        callback(error, response?.response?.value as Buffer | undefined),
      );
    }),

  'GET /internal/v1/models': ({ inference }, request) =>
    sendUnary(request, (metadata, options, callback) =>
      inference.listModels({ asJson: true }, metadata, options, (error, response) =>
        callback(error, response?.response?.value as Buffer | undefined),
      ),
    ),

  'POST /internal/v1/chat/stream': ({ inference }, request) => {
    const message = {
      request: { $case: 'openaiRequest', value: bodyOf(request) },
      frameFormat: FORMATS[request.headers[INTERNAL_HEADERS.streamFormat] ?? ''] ?? Format.FRAME_FORMAT_UNSPECIFIED,
      generationId: request.headers[INTERNAL_HEADERS.generationId] ?? '',
    } as const;
    return sendStream(request, inference.generateStream(message, metadataOf(request), optionsOf(request)));
  },

  'GET /readyz': ({ health }, request) =>
    sendUnary(request, (metadata, options, callback) =>
      health.check({ service: '' }, metadata, options, (error, response) =>
        callback(error, Buffer.alloc(0), isServing(response)),
      ),
    ),
};

const isServing = (response: { status: number } | undefined) =>
  response?.status === HealthCheckResponse_ServingStatus.SERVING ? 200 : 503;

const FORMATS: Readonly<Record<string, FrameFormat>> = {
  tokens: Format.FRAME_FORMAT_TOKENS,
  events: Format.FRAME_FORMAT_EVENTS,
  chunks: Format.FRAME_FORMAT_CHUNKS,
  content: Format.FRAME_FORMAT_CONTENT,
};

/** The headers of HTTP that are no metadata. */
const HTTP_HEADERS: ReadonlySet<string> = new Set(['content-type', INTERNAL_HEADERS.streamFormat, INTERNAL_HEADERS.generationId]);

function metadataOf({ headers }: TransportRequest) {
  return toMetadata(Object.fromEntries(Object.entries(headers).filter(([name]) => !HTTP_HEADERS.has(name))));
}

/** After the deadline of the request, which its signal enforces. A call whose service is frozen ends then in any case. */
const DEADLINE_MARGIN_MS = 1_000;
/** The deadline of calls without one, such as probes. */
const DEADLINE_MS_MAX = 3_600_000;

function optionsOf({ headers }: TransportRequest): CallOptions {
  const timeLeftMs = Number(headers[INTERNAL_HEADERS.timeLeft] ?? DEADLINE_MS_MAX);
  return { deadline: Date.now() + timeLeftMs + DEADLINE_MARGIN_MS };
}

function bodyOf({ body }: TransportRequest): Buffer {
  if (!isWholeBody(body)) throw new Error('Calls over gRPC have whole bodies');
  return typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}

type UnaryCallback = (error: ServiceError | null, body: Buffer | undefined, status?: number) => void;

async function sendUnary(
  request: TransportRequest,
  call: (metadata: ReturnType<typeof metadataOf>, options: CallOptions, callback: UnaryCallback) => ClientUnaryCall,
): Promise<TransportResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<TransportResponse>();
  let headers: Record<string, string> = {};
  const started = call(metadataOf(request), optionsOf(request), (error, body = Buffer.alloc(0), httpStatus = 200) => {
    stopCancelling();
    if (!error) resolve(wholeResponse(httpStatus, headers, body));
    else settleError(error, request, resolve, reject);
  });
  started.on('metadata', (metadata) => {
    headers = fromMetadata(metadata);
  });
  const stopCancelling = cancelOnAbort(request, started);
  return promise;
}

async function sendStream(
  request: TransportRequest,
  call: ClientReadableStream<GenerateStreamResponse>,
): Promise<TransportResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<TransportResponse>();
  const closed = Promise.withResolvers<{ isBroken: boolean }>();
  const stopCancelling = cancelOnAbort(request, call);
  let trailers: Record<string, string> = {};
  let interruption: Error | undefined;
  call.on('metadata', (metadata) => {
    resolve({
      status: 200,
      headers: fromMetadata(metadata),
      body: readFrames(call, () => interruption),
      trailers: () => trailers,
      closed: closed.promise,
    });
  });
  call.on('status', (received) => {
    stopCancelling();
    trailers = fromMetadata(received.metadata);
    const isFromService = received.code === status.OK || readErrorResponse(received).isFromService;
    if (!isFromService) interruption = new Error(`The stream ended with status ${received.code}`);
    closed.resolve({ isBroken: isConnectionFailure(received as ServiceError, request) });
  });
  // Without a listener, an error would end the process. `readFrames` throws it too. A reader that stops early causes others.
  call.on('error', (error) => isStatus(error) && settleError(error, request, resolve, reject));
  return promise;
}

/** Yields the frames of a stream. Ends normally when the service itself reports an error, which the trailers contain. */
async function* readFrames(
  call: ClientReadableStream<GenerateStreamResponse>,
  interruption: () => Error | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const { event } of call as AsyncIterable<GenerateStreamResponse>) {
      if (event?.$case === 'frames') yield event.value;
    }
  } catch (error) {
    if (!isStatus(error) || !readErrorResponse(error).isFromService) throw error;
  } finally {
    call.cancel();
  }
  // An error before the first read leaves a stream that ends normally.
  const error = interruption();
  if (error) throw error;
}

const isStatus = (error: unknown): error is ServiceError => error instanceof Error && 'metadata' in error;

function cancelOnAbort({ signal }: TransportRequest, call: { cancel(): void }): () => void {
  const cancel = () => call.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  return () => signal.removeEventListener('abort', cancel);
}

/** The statuses of a call that gRPC ends without a response, for example after a reset of its stream. */
const INTERRUPTIONS: ReadonlySet<status> = new Set([status.CANCELLED, status.UNKNOWN, status.INTERNAL, status.DATA_LOSS]);

function settleError(
  error: ServiceError,
  request: TransportRequest,
  resolve: (response: TransportResponse) => void,
  reject: (error: Error) => void,
): void {
  const response = readErrorResponse(error);
  const isInterrupted = !response.isFromService && INTERRUPTIONS.has(error.code);
  if (isConnectionFailure(error, request))
    reject(new ConnectionError('The connection broke', { isRequestSent: true, cause: error }));
  else if (request.signal.aborted || isInterrupted) reject(error);
  else resolve(wholeResponse(response.status, response.headers, response.body));
}

/** Returns whether the connection failed, and not the call. */
function isConnectionFailure(error: ServiceError, { signal }: TransportRequest): boolean {
  return error.code === status.UNAVAILABLE && !signal.aborted && !readErrorResponse(error).isFromService;
}

function wholeResponse(httpStatus: number, headers: Record<string, string>, body: Buffer): TransportResponse {
  return {
    status: httpStatus,
    headers: { ...headers, 'content-length': String(body.length) },
    body: (async function* () {
      yield body;
    })(),
    trailers: () => ({}),
    closed: Promise.resolve({ isBroken: false }),
  };
}
