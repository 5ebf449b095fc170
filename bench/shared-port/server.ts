import { createServer } from 'node:http';
import { receiveConnections } from '@prodigon/platform/connection-handoff';

/** Responds with its pid. `/block` blocks its event loop for half a second, then ends the process. */
const server = createServer((request, response) => {
  if (request.url === '/block') {
    const until = Date.now() + 500;
    while (Date.now() < until);
    process.kill(process.pid, 'SIGKILL');
  }
  response.end(String(process.pid));
});
server.keepAliveTimeout = 60_000;
const [mode, port] = process.argv.slice(2);
process.on('disconnect', () => process.exit());
const ready = () => process.send?.({ type: 'ready' }, undefined, undefined, () => {});
if (mode === 'handoff') {
  receiveConnections(server);
  ready();
} else {
  server.listen({ port: Number(port), host: '127.0.0.1', backlog: 4_096, reusePort: mode === 'reuse-port' }, ready);
}
