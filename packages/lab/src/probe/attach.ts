import { subscribe } from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { hashConfiguration } from './configuration-hash.ts';
import { createProbe } from './create-probe.ts';
import { CONFIGURED_VARIABLE, DIRECTORY_VARIABLE, PROCESS_HEADER, type ProbeRequest, RUN_ID_VARIABLE } from './probe-report.ts';

// NODE_OPTIONS loads this module before the measured program, which needs no change.
const { [RUN_ID_VARIABLE]: runId, [DIRECTORY_VARIABLE]: directory, [CONFIGURED_VARIABLE]: names } = process.env;
if (isMainThread && runId && directory) {
  // The process hashes what it has received, so that a wrong environment shows.
  const hash = names === undefined ? '' : `/${hashConfiguration(process.env, names.split(','))}`;
  const identity = `${runId}/${process.pid}${hash}`;
  subscribe('http.server.response.created', (message) => {
    (message as { response: ServerResponse }).response.setHeader(PROCESS_HEADER, identity);
  });
  serveProbe(join(directory, `${process.pid}.sock`));
}

/** Serves one JSON request per connection on a Unix socket. The socket does not keep the process alive. */
function serveProbe(path: string): void {
  const probe = createProbe();
  const server = createServer((socket) => {
    socket.unref();
    socket.on('error', () => {});
    socket.setEncoding('utf8').once('data', async (line: string) => {
      socket.end(`${JSON.stringify(await probe(JSON.parse(line) as ProbeRequest))}\n`);
    });
  });
  server.on('error', () => {});
  server.listen(path);
  server.unref();
}
