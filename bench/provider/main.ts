import { createServer } from 'node:net';
import { createAnswering } from './answer-requests.ts';
import { readRequests } from './read-requests.ts';

// Whoever measures has to know that the answer came from this run: as the probe does it for servers of node:http.
const { LAB_RUN_ID } = process.env;
const headers = LAB_RUN_ID ? `x-lab-process: ${LAB_RUN_ID}/${process.pid}\r\n` : '';
const { answer, refuse } = createAnswering({ headers });

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  readRequests(socket, {
    onRequest: (request) => answer(socket, request),
    onUnreadable: () => refuse(socket, '411 Length Required', 'A body needs a content-length.'),
  });
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () => {
  const { port } = server.address() as { port: number };
  process.send?.({ type: 'ready', url: `http://127.0.0.1:${port}` });
});
process.on('disconnect', () => process.exit(0));
