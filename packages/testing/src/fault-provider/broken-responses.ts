import type { ServerResponse } from 'node:http';
import { BROKEN, type Fault, type FaultRequest } from './fault.ts';
import { chunk, DONE, frame, JSON_TYPE, refusal, SECRET, SSE, sendReply } from './openai-response.ts';

/** Sends the first words, then whatever the fault is. Without streaming, nothing has been sent when it happens. */
const afterWords = (count: number, then: (response: ServerResponse) => void) => (request: FaultRequest) => {
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
  // The words have to be on their way before the connection goes.
  setImmediate(() => then(response));
};

/** Answers that are no answers, or not whole. */
export const BROKEN_ANSWERS: Record<string, Fault> = {
  hang: { description: 'Takes the request and never answers', expected: 'timeout', answer: () => {} },
  silent_stream: {
    description: 'Sends its headers, then no token',
    expected: 'timeout',
    answer: ({ response, stream }) => void response.writeHead(200, stream ? SSE : JSON_TYPE).flushHeaders(),
  },
  flood: {
    description: 'Sends 256 MB as fast as it is read',
    expected: BROKEN,
    answer: ({ response, stream }) => {
      response.writeHead(200, stream ? SSE : JSON_TYPE);
      const piece = chunk({ content: 'x'.repeat(64 << 10) });
      let left = 4_096;
      const pour = () => {
        while (left-- > 0) if (!response.write(piece)) return;
        response.end(chunk({}, 'stop') + DONE);
      };
      response.on('drain', pour);
      pour();
    },
  },
  stall: { description: 'Stops after two tokens and keeps the connection', expected: 'timeout', answer: afterWords(2, () => {}) },
  cut_before_content: {
    description: 'Closes the connection before any content',
    expected: BROKEN,
    answer: ({ response }) => void response.destroy(),
  },
  cut_mid_stream: {
    description: 'Closes the connection after two tokens',
    expected: BROKEN,
    wordsBefore: 2,
    answer: afterWords(2, (response) => response.destroy()),
  },
  end_without_finish: {
    description: 'Ends cleanly after two tokens without a finish reason',
    expected: BROKEN,
    wordsBefore: 2,
    answer: (request) =>
      request.stream ? afterWords(2, (response) => response.end(DONE))(request) : sendReply(request, { finish: null }),
  },
  missing_finish: {
    description: 'Sends all of its words and its usage, but no finish reason',
    expected: BROKEN,
    wordsBefore: Number.POSITIVE_INFINITY,
    answer: (request) => sendReply(request, { finish: null }),
  },
  wrong_usage: {
    description: 'Reports usage that cannot be: a negative number and one in words',
    expected: BROKEN,
    wordsBefore: Number.POSITIVE_INFINITY,
    answer: (request) => sendReply(request, { usage: { prompt_tokens: -7, completion_tokens: 'eight', total_tokens: null } }),
  },
  error_frame: {
    description: 'Sends an error object in the middle of its stream',
    expected: BROKEN,
    wordsBefore: 2,
    answer: (request) =>
      request.stream
        ? afterWords(2, (response) => response.end(frame({ error: { message: SECRET } })))(request)
        : refusal(500, {})(request),
  },
  malformed_json: {
    description: 'Sends a frame that is not JSON',
    expected: BROKEN,
    answer: ({ response, stream }) => void response.writeHead(200, stream ? SSE : JSON_TYPE).end('data: {"choices": [}\n\n'),
  },
  html_200: {
    description: 'Answers 200 with a web page',
    expected: BROKEN,
    answer: ({ response }) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome</h1>'),
  },
  oversize: {
    description: 'Sends one frame of 9 MB',
    expected: BROKEN,
    answer: ({ response, stream }) =>
      void response
        .writeHead(200, stream ? SSE : JSON_TYPE)
        .end(`data: {"choices":[{"delta":{"content":"${'x'.repeat(9 << 20)}"}}]}\n\n`),
  },
};
