import type { ServerResponse } from 'node:http';
import { BROKEN, type Fault, type FaultRequest } from './fault.ts';
import { chunk, DONE, errorResponse, frame, JSON_TYPE, quotingMessage, SSE } from './openai-response.ts';

/** Sends the first words of a stream, or the beginning of a unary response, and then fails. */
const failAfterWords = (count: number, fail: (response: ServerResponse) => void) => (request: FaultRequest) => {
  const { response, stream, words } = request;
  response.writeHead(200, stream ? SSE : JSON_TYPE);
  if (stream)
    response.write(
      words
        .slice(0, count)
        .map((content) => chunk({ content }))
        .join(''),
    );
  else response.write('{"choices":[');
  // The words must be sent before the connection closes.
  setImmediate(() => fail(response));
};

/** Invalid, incomplete or missing responses. */
export const BROKEN_RESPONSES: Record<string, Fault> = {
  hang: { description: 'Accepts the request and never responds', expected: 'timeout', respond: () => {} },
  silent_stream: {
    description: 'Sends its headers, then no token',
    expected: 'timeout',
    respond: ({ response, stream }) => void response.writeHead(200, stream ? SSE : JSON_TYPE).flushHeaders(),
  },
  flood: {
    description: 'Sends 256 MB as fast as the client reads',
    expected: BROKEN,
    respond: ({ response, stream }) => {
      response.writeHead(200, stream ? SSE : JSON_TYPE);
      const piece = chunk({ content: 'x'.repeat(64 << 10) });
      let left = 4_096;
      const write = () => {
        while (left-- > 0) if (!response.write(piece)) return;
        response.end(chunk({}, 'stop') + DONE);
      };
      response.on('drain', write);
      write();
    },
  },
  stall: {
    description: 'Stops after two tokens and keeps the connection open',
    expected: 'timeout',
    respond: failAfterWords(2, () => {}),
  },
  cut_before_content: {
    description: 'Closes the connection before any content',
    expected: BROKEN,
    respond: ({ response }) => void response.destroy(),
  },
  cut_mid_stream: {
    description: 'Closes the connection after two tokens',
    expected: BROKEN,
    wordsBefore: 2,
    respond: failAfterWords(2, (response) => response.destroy()),
  },
  end_without_finish: {
    description: 'Ends cleanly after two tokens, without a finish reason and without [DONE]',
    expected: BROKEN,
    wordsBefore: 2,
    respond: failAfterWords(2, (response) => void response.end()),
  },
  error_frame: {
    description: 'Sends an error object in the middle of the stream',
    expected: BROKEN,
    wordsBefore: 2,
    respond: (request) =>
      request.stream
        ? failAfterWords(2, (response) => response.end(frame({ error: { message: quotingMessage(request) } })))(request)
        : errorResponse(500, {})(request),
  },
  malformed_json: {
    description: 'Sends a frame that is not JSON',
    expected: BROKEN,
    respond: ({ response, stream, ...request }) =>
      void response
        .writeHead(200, stream ? SSE : JSON_TYPE)
        .end(`data: ${JSON.stringify(quotingMessage(request))} is not JSON\n\n`),
  },
  html_200: {
    description: 'Returns a web page with status 200',
    expected: BROKEN,
    respond: ({ response, ...request }) =>
      void response.writeHead(200, { 'content-type': 'text/html' }).end(`<h1>${quotingMessage(request)}</h1>`),
  },
  oversize: {
    description: 'Sends one frame of 9 MB',
    expected: BROKEN,
    respond: ({ response, stream }) =>
      void response
        .writeHead(200, stream ? SSE : JSON_TYPE)
        .end(`data: {"choices":[{"delta":{"content":"${'x'.repeat(9 << 20)}"}}]}\n\n`),
  },
};
