import { subscribe } from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { createProbe } from './create-probe.ts';
import { DIRECTORY_VARIABLE, PROCESS_HEADER, type ProbeQuestion, RUN_ID_VARIABLE } from './probe-report.ts';

// Loaded by NODE_OPTIONS before the program itself, which knows nothing of it.
const { [RUN_ID_VARIABLE]: runId, [DIRECTORY_VARIABLE]: directory } = process.env;
if (isMainThread && runId && directory) {
  const identity = `${runId}/${process.pid}`;
  subscribe('http.server.response.created', (message) => {
    (message as { response: ServerResponse }).response.setHeader(PROCESS_HEADER, identity);
  });
  answerQuestions(join(directory, `${process.pid}.sock`));
}

/** One JSON line each way on each connection. None of it keeps the process alive. */
function answerQuestions(path: string): void {
  const answer = createProbe();
  const server = createServer((socket) => {
    socket.unref();
    socket.on('error', () => {});
    socket.setEncoding('utf8').once('data', async (line: string) => {
      socket.end(`${JSON.stringify(await answer(JSON.parse(line) as ProbeQuestion))}\n`);
    });
  });
  server.on('error', () => {});
  server.listen(path);
  server.unref();
}
