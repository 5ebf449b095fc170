import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import {
  type GenerateRequest,
  type GenerateResponse,
  type GenerateStreamRequest,
  type GenerateStreamResponse,
  InferenceServiceService,
  type Prompt,
} from '@prodigon/contracts/grpc';
import type { SequenceRecorder } from '@prodigon/lab/exercise';

/** A call that has arrived at a replica. */
export interface ArrivedCall {
  readonly prompt: Prompt | null;
  readonly authorization: string;
  /** Milliseconds until the deadline that arrived with the call; null without one. */
  readonly timeLeftMs: number | null;
  /** Resolves when the client cancels the call or its deadline passes. */
  readonly cancelled: Promise<void>;
}

export interface StatusFailure {
  readonly code: status;
  readonly details: string;
  readonly retryAfterSeconds?: number;
}

export interface ModelBehaviour {
  /** Returns the text of a response, or a failure. It may never resolve. */
  generate?(call: ArrivedCall): Promise<string | StatusFailure>;
  /** Writes parts of the text. `write` resolves when the flow control of the connection permits the next part. */
  stream?(call: ArrivedCall, write: (part: string) => Promise<void>): Promise<StatusFailure | undefined>;
}

export interface ModelReplica {
  readonly id: string;
  readonly address: string;
  readonly calls: readonly ArrivedCall[];
  /** The number of connections since the start. */
  connectionsOpened(): number;
  /** Resolves once every connection has closed. */
  connectionsClosed(): Promise<void>;
  stop(): Promise<void>;
}

export interface ModelReplicaOptions {
  readonly id: string;
  readonly behaviour: ModelBehaviour;
  readonly recorder: SequenceRecorder;
}

const LEARNER = 'you';

/** Starts a gRPC server with the inference service of the platform. It records the calls that arrive. */
export async function startModelReplica({ id, behaviour, recorder }: ModelReplicaOptions): Promise<ModelReplica> {
  const server = new Server();
  const sockets = new Set<Socket>();
  const calls: ArrivedCall[] = [];
  let opened = 0;
  let onClosed = () => {};

  function arrive(
    call:
      | ServerUnaryCall<GenerateRequest, GenerateResponse>
      | ServerWritableStream<GenerateStreamRequest, GenerateStreamResponse>,
    method: string,
  ) {
    const { request } = call.request;
    const deadline = Number(call.getDeadline());
    const cancelled = Promise.withResolvers<void>();
    call.on('cancelled', cancelled.resolve);
    const arrived: ArrivedCall = {
      prompt: request?.$case === 'prompt' ? request.value : null,
      authorization: String(call.metadata.get('authorization')[0] ?? ''),
      timeLeftMs: Number.isFinite(deadline) ? deadline - Date.now() : null,
      cancelled: cancelled.promise,
    };
    calls.push(arrived);
    recorder.message(LEARNER, id, arrived.timeLeftMs === null ? `${method}, no deadline` : method).received();
    const generating = recorder.activity(id, 'generates');
    let isEnded = false;
    const activity = {
      end() {
        isEnded = true;
        generating.end();
      },
    };
    void cancelled.promise.then(() => {
      // grpc-js also emits this event when a finished call ends.
      if (isEnded) return;
      recorder.message(LEARNER, id, 'cancel').received();
      activity.end();
    });
    return { arrived, activity };
  }

  server.addService(InferenceServiceService, {
    generate: (call: ServerUnaryCall<GenerateRequest, GenerateResponse>, callback: sendUnaryData<GenerateResponse>) => {
      const { arrived, activity } = arrive(call, 'Generate');
      void (behaviour.generate?.(arrived) ?? Promise.resolve('')).then((result) => {
        activity.end();
        if (call.cancelled) return;
        if (typeof result !== 'string') {
          recorder.message(id, LEARNER, status[result.code], true).received();
          return callback(toServiceError(result));
        }
        recorder.message(id, LEARNER, 'response').received();
        const usage = { promptTokens: 3, completionTokens: result.length, totalTokens: 3 + result.length, estimated: false };
        const value = { model: arrived.prompt?.model ?? 'default-model', text: result, finishReason: 'stop', usage };
        callback(null, { response: { $case: 'completion', value } });
      });
    },
    generateStream: (call: ServerWritableStream<GenerateStreamRequest, GenerateStreamResponse>) => {
      const { arrived, activity } = arrive(call, 'GenerateStream');
      const write = async (part: string) => {
        if (call.cancelled) return;
        recorder.message(id, LEARNER, 'part').received();
        if (!call.write({ event: { $case: 'text', value: part } })) await Promise.race([once(call, 'drain'), arrived.cancelled]);
      };
      void (behaviour.stream?.(arrived, write) ?? Promise.resolve(undefined)).then((failure) => {
        activity.end();
        if (call.cancelled) return;
        if (failure) {
          recorder.message(id, LEARNER, status[failure.code], true).received();
          return call.emit('error', toServiceError(failure));
        }
        recorder.message(id, LEARNER, 'end').received();
        call.write({ event: { $case: 'completed', value: { model: 'default-model', finishReason: 'stop' } } });
        call.end();
      });
    },
    embed: (_call: unknown, callback: sendUnaryData<never>) => callback({ code: status.UNIMPLEMENTED, details: '' }),
    listModels: (_call: unknown, callback: sendUnaryData<never>) => callback({ code: status.UNIMPLEMENTED, details: '' }),
  });

  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const listener = createServer((socket) => {
    opened += 1;
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0) onClosed();
    });
    injector.injectConnection(socket);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');

  return {
    id,
    address: `127.0.0.1:${(listener.address() as AddressInfo).port}`,
    calls,
    connectionsOpened: () => opened,
    connectionsClosed: () =>
      new Promise((resolve) => {
        onClosed = resolve;
        if (sockets.size === 0) resolve();
      }),
    stop: async () => {
      listener.close();
      for (const socket of sockets) socket.destroy();
      injector.destroy();
      server.forceShutdown();
    },
  };
}

function toServiceError({ code, details, retryAfterSeconds }: StatusFailure) {
  const metadata = new Metadata();
  if (retryAfterSeconds !== undefined) metadata.set('retry-after', String(retryAfterSeconds));
  return { code, details, metadata };
}

/** Starts a replica that closes every connection immediately. */
export async function startDeadReplica(): Promise<{ readonly address: string; stop(): void }> {
  const listener = createServer((socket) => socket.destroy());
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return { address: `127.0.0.1:${(listener.address() as AddressInfo).port}`, stop: () => listener.close() };
}
