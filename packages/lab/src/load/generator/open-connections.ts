import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Client } from 'undici';

/** Maximum concurrent connection attempts, because a busy server accepts slowly. */
const CONNECTING_MAX = 64;

/** Opens keep-alive connections for one request at a time. A connection that the server closes is reopened for its next request. */
export async function openConnections(url: string, count: number): Promise<Client[]> {
  const { origin, hostname, port } = new URL(url);
  const address = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80), noDelay: true };
  const clients: Client[] = [];
  while (clients.length < count) {
    const batch = Array.from({ length: Math.min(CONNECTING_MAX, count - clients.length) }, () => openSocket(address));
    for (const socket of await Promise.all(batch)) clients.push(createClient(socket, origin, () => openSocket(address)));
  }
  return clients;
}

async function openSocket(address: { host: string; port: number; noDelay: boolean }): Promise<Socket> {
  const socket = connect(address);
  await once(socket, 'connect');
  return socket;
}

function createClient(first: Socket, origin: string, reopen: () => Promise<Socket>): Client {
  let waiting: Socket | null = first;
  // The server may close the connection before its first request.
  first.once('error', () => {});
  const takeSocket = async () => {
    const socket = waiting;
    waiting = null;
    return socket?.writable && socket.readable ? socket : await reopen();
  };
  return new Client(origin, {
    pipelining: 1,
    connect: (_options, callback) =>
      void takeSocket().then(
        (socket) => callback(null, socket),
        (error: Error) => callback(error, null),
      ),
  });
}
