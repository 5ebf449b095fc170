import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TestLink {
  /** The same URL, through the link. */
  readonly url: string;
  /** Lets no byte pass, as a cable that somebody pulls. Connections stay open on both sides. */
  cut(): void;
  /** Lets the held bytes pass, as TCP repeats them. */
  restore(): void;
  close(): Promise<void>;
}

/** Starts a link to a TCP server that tests can cut. */
export async function startTestLink(target: string): Promise<TestLink> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let isCut = false;

  function add(socket: Socket, other: () => Socket): Socket {
    sockets.add(socket);
    if (isCut) socket.pause();
    return socket
      .on('data', (bytes) => other().write(bytes))
      .on('error', () => {})
      .on('close', () => {
        sockets.delete(socket);
        other().destroy();
      });
  }
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    add(client, () => upstream);
    add(upstream, () => client);
    if (isCut) for (const socket of [client, upstream]) socket.pause();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(target);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.pause();
    },
    restore() {
      isCut = false;
      for (const socket of sockets) socket.resume();
    },
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
