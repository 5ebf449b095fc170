import type { Socket } from 'node:net';
import { type AddressInfo, connect, createServer } from 'node:net';
import { type GenerateStreamResponse, type InferenceServiceServer, InferenceServiceService } from '@prodigon/contracts/grpc';
import { createLifecycle, createLogger, createMetrics, createReadiness, type Lifecycle } from '@prodigon/platform';
import {
  createGrpcCallHandlers,
  createGrpcServer,
  createHealthService,
  type GrpcCall,
  type GrpcServer,
  type GrpcStreamEnd,
  type WriteMessage,
} from '@prodigon/platform/grpc';
import { onTestFinished } from 'vitest';

export const INTERNAL_TOKEN = 'token-of-these-tests-0123';

export interface GrpcReplicaOptions {
  /** Returns the body of a whole response; the name of the replica by default. */
  readonly generate?: (call: GrpcCall) => Promise<string>;
  readonly stream?: (call: GrpcCall, write: WriteMessage<GenerateStreamResponse>) => Promise<GrpcStreamEnd>;
}

export interface GrpcReplica {
  readonly url: string;
  /** The calls that passed authentication. */
  readonly received: GrpcCall[];
  readonly lifecycle: Lifecycle;
  /** Closes its connections and its port, as a killed process does. */
  kill(): Promise<void>;
  /** Listens on the same port again. */
  revive(): Promise<void>;
}

/** Starts a model service over gRPC whose responses a test defines. A proxy in front of it can cut its connections. */
export async function startGrpcReplica(name: string, options: GrpcReplicaOptions = {}): Promise<GrpcReplica> {
  const { generate = async () => name, stream = async () => ({}) } = options;
  const received: GrpcCall[] = [];
  const lifecycle = createLifecycle({ drainTimeoutMs: 1 });
  const logger = createLogger({ service: 'test', level: 'silent', secrets: [] });
  const calls = createGrpcCallHandlers({
    service: 'test',
    logger,
    metrics: createMetrics(),
    internalToken: INTERNAL_TOKEN,
    lifecycle,
    timeoutMs: 60_000,
  });
  const respond = async (call: GrpcCall) => {
    received.push(call);
    return Buffer.from(await generate(call));
  };
  const implementation: InferenceServiceServer = {
    generate: calls.unary(async (_request, call) => ({ response: { $case: 'openaiResponse', value: await respond(call) } })),
    embed: calls.unary(async (_request, call) => ({ response: { $case: 'openaiResponse', value: await respond(call) } })),
    listModels: calls.unary(async (_request, call) => ({ response: { $case: 'jsonResponse', value: await respond(call) } })),
    generateStream: calls.serverStream((_request, call, write) => {
      received.push(call);
      return stream(call, write);
    }),
  };
  const readiness = createReadiness({ service: 'test', version: '0.0.0', environment: 'test', lifecycle });
  const server: GrpcServer = createGrpcServer([
    { definition: InferenceServiceService, implementation },
    createHealthService({ services: [], readiness, lifecycle }),
  ]);
  const proxy = await startCuttingProxy(await server.listen({ host: '127.0.0.1', port: 0 }));
  onTestFinished(async () => {
    await proxy.cut();
    await server.close();
  });
  return { url: `http://127.0.0.1:${proxy.port}`, received, lifecycle, kill: proxy.cut, revive: proxy.revive };
}

/** Forwards connections to a port until `cut`, which closes all of them and the port. */
async function startCuttingProxy(target: number) {
  const sockets = new Set<Socket>();
  const add = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    return socket;
  };
  const listen = (port: number) =>
    new Promise<ReturnType<typeof createServer>>((resolve) => {
      const listening = createServer((socket) => {
        add(socket)
          .pipe(add(connect(target, '127.0.0.1')))
          .pipe(socket);
      }).listen(port, '127.0.0.1', () => resolve(listening));
    });
  let server = await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async cut() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.resetAndDestroy();
      await closed;
    },
    async revive() {
      server = await listen(port);
    },
  };
}
