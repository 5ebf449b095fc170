import type { ChildProcess } from 'node:child_process';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { EXIT_CONFIGURATION, type HandoffMessage, type HandoffReport, isHandoffReport } from '@prodigon/platform/configuration';
import { toUrl } from './listen-url.ts';
import { explainPortError, type PortToCheck } from './port-check.ts';
import { StackError } from './stack-error.ts';

/** Connections that wait while no process is ready. At the maximum, the oldest one closes. */
const WAITING_MAX = 1_000;
const BACKLOG = 4_096;

/** A port whose connections several processes serve. It stays open while they crash and restart. */
export interface ConnectionDistributor {
  /** Opens the port. Resolves with its URL. Throws a `StackError` (78) that explains the fix when it cannot listen. */
  listen(address: PortToCheck): Promise<string>;
  /** Null until the port is open. */
  readonly url: string | null;
  /** Sends connections to the process from the time it is ready until it stops. */
  attach(child: ChildProcess): void;
  close(): void;
}

interface Receiver {
  readonly child: ChildProcess;
  /** The open connections of the process, with the socket until the process has accepted it. */
  readonly connections: Map<number, Socket | null>;
  /** Whether the process stops, and receives connections only if no other process is available. */
  isDetached: boolean;
}

/**
 * Creates a distributor. Each connection goes to the process with the fewest open ones; ties rotate. A connection that a
 * process had not accepted when it died goes to another one.
 */
export function createConnectionDistributor(): ConnectionDistributor {
  /** The processes that are ready. The one that received the latest connection is the last. */
  const receivers = new Set<Receiver>();
  const waiting = new Set<Socket>();
  let nextId = 0;
  let url: string | null = null;
  const server = createServer({ pauseOnConnect: true, noDelay: true });

  server.on('connection', (socket) => {
    // Without a listener, an error of a connection would end the supervisor.
    socket.on('error', () => socket.destroy());
    distribute(socket);
  });

  function distribute(socket: Socket): void {
    const receiver = selectReceiver(receivers);
    if (!receiver) {
      keepWaiting(socket);
      return;
    }
    receivers.delete(receiver);
    receivers.add(receiver);
    const id = nextId++;
    receiver.connections.set(id, socket);
    const message: HandoffMessage = { type: 'connection', id };
    receiver.child.send(message, socket, { keepOpen: true }, (error) => error && remove(receiver));
  }

  function keepWaiting(socket: Socket): void {
    if (!server.listening) {
      socket.destroy();
      return;
    }
    waiting.add(socket);
    socket.once('close', () => waiting.delete(socket));
    const [oldest] = waiting;
    if (waiting.size > WAITING_MAX) oldest?.destroy();
  }

  function add(receiver: Receiver): void {
    receivers.add(receiver);
    const sockets = [...waiting];
    waiting.clear();
    sockets.forEach(distribute);
  }

  function handleReport(receiver: Receiver, report: HandoffReport): void {
    const { child, connections } = receiver;
    if (report.type === 'detach') {
      receiver.isDetached = true;
      child.send({ type: 'detached' } satisfies HandoffMessage, () => {});
      return;
    }
    connections.get(report.id)?.destroy();
    if (report.type === 'connection_closed') connections.delete(report.id);
    else connections.set(report.id, null);
  }

  function remove(receiver: Receiver): void {
    receivers.delete(receiver);
    const sockets = [...receiver.connections.values()];
    receiver.connections.clear();
    for (const socket of sockets) if (socket) distribute(socket);
  }

  return {
    get url() {
      return url;
    },
    async listen(address) {
      const { host, port } = address;
      await listen(server, address);
      // Without a listener, running out of file descriptors would end the supervisor.
      server.on('error', () => {});
      url = toUrl({ host, port: port === 0 ? (server.address() as AddressInfo).port : port });
      return url;
    },
    attach(child) {
      const receiver: Receiver = { child, connections: new Map(), isDetached: false };
      child.on('message', (message) => {
        if (isReady(message)) add(receiver);
        else if (isHandoffReport(message)) handleReport(receiver, message);
      });
      child.once('exit', () => remove(receiver));
    },
    close() {
      server.close();
      for (const socket of waiting) socket.destroy();
    },
  };
}

function listen(server: Server, address: PortToCheck): Promise<void> {
  const { host, port } = address;
  return new Promise((resolve, reject) => {
    const onError = ({ code, message }: NodeJS.ErrnoException) =>
      reject(new StackError(explainPortError(code ?? message, address), EXIT_CONFIGURATION));
    server.once('error', onError);
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.off('error', onError);
      resolve();
    });
  });
}

function selectReceiver(receivers: ReadonlySet<Receiver>): Receiver | undefined {
  const all = [...receivers];
  const attached = all.filter(({ isDetached }) => !isDetached);
  const candidates = attached.length > 0 ? attached : all;
  return candidates.reduce<Receiver | undefined>(
    (fewest, each) => (fewest && fewest.connections.size <= each.connections.size ? fewest : each),
    undefined,
  );
}

const isReady = (message: unknown): boolean =>
  typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready';
