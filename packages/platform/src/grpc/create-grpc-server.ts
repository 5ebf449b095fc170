import { createServer, type Socket } from 'node:net';
import { Server, ServerCredentials, type ServiceDefinition, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { GRPC_SERVER_OPTIONS } from './channel-options.ts';

export interface GrpcService {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

export interface GrpcServer {
  /** Resolves with the port. Rejects with the error of the system, e.g. `EADDRINUSE`. */
  listen(address: { host: string; port: number }): Promise<number>;
  /** Stops listening, lets the clients know, and closes each connection after its last call or after a second. */
  close(): Promise<void>;
}

/** Milliseconds that written responses may take to reach their clients when all connections close. */
const CLOSE_GRACE_MS = 1_000;

/** Creates a server without TLS for these services. */
export function createGrpcServer(services: readonly GrpcService[]): GrpcServer {
  const server = new Server(GRPC_SERVER_OPTIONS);
  for (const { definition, implementation } of services) server.addService(definition, implementation);
  // A listener of our own reports the error codes of the system, where gRPC's has only messages.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const sockets = new Set<Socket>();
  const listener = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    injector.injectConnection(socket);
  });
  return {
    listen: ({ host, port }) =>
      new Promise((resolve, reject) => {
        listener.once('error', reject).listen({ host, port, backlog: 4_096, exclusive: true }, () => {
          listener.off('error', reject);
          const address = listener.address();
          resolve(typeof address === 'object' && address ? address.port : port);
        });
      }),
    async close() {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      const timer = setTimeout(() => {
        server.forceShutdown();
        for (const socket of sockets) socket.destroy();
      }, CLOSE_GRACE_MS);
      // Calls back before the calls in flight have ended, because its server does not listen itself. The sockets close after them.
      server.tryShutdown(() => {});
      await closed;
      clearTimeout(timer);
    },
  };
}
