import { createServer } from 'node:net';
import { createProviderHandler } from './provider-server.ts';
import { readRequests } from './read-requests.ts';

// `node main.ts <run id>` identifies itself in each response, as a process with the probe of the lab does.
const { respond, reject } = createProviderHandler({ headers: `x-lab-process: ${process.argv[2]}/${process.pid}\r\n` });

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  readRequests(socket, {
    onRequest: (request) => respond(socket, request),
    onUnknownLength: () => reject(socket, '411 Length Required', 'A body needs a content-length.'),
  });
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () => {
  const { port } = server.address() as { port: number };
  process.send?.({ type: 'ready', url: `http://127.0.0.1:${port}` });
});
process.on('disconnect', () => process.exit(0));
