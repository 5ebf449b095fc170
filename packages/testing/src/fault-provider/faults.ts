import type { ServerResponse } from 'node:http';

export interface FaultRequest {
  readonly stream: boolean;
  readonly response: ServerResponse;
  /** The words that a healthy answer would have. */
  readonly words: readonly string[];
}

export interface Fault {
  readonly description: string;
  /** What the platform has to answer when it was asked for one piece; streams fail alike until their first content. */
  readonly expected: { status: number; code?: string } | 'timeout';
  readonly answer: (request: FaultRequest) => void;
}

const id = 'chatcmpl-fault';
const SSE = { 'content-type': 'text/event-stream' };
const JSON_TYPE = { 'content-type': 'application/json' };

export const chunk = (delta: object, finish_reason: string | null = null) =>
  `data: ${JSON.stringify({ id, object: 'chat.completion.chunk', created: 1, model: 'fault', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;

const usageOf = (words: readonly string[]) => ({
  prompt_tokens: 7,
  completion_tokens: words.length,
  total_tokens: 7 + words.length,
});
const usageChunk = (words: readonly string[]) =>
  `data: ${JSON.stringify({ id, object: 'chat.completion.chunk', created: 1, model: 'fault', choices: [], usage: usageOf(words) })}\n\n`;
const DONE = 'data: [DONE]\n\n';

function completion({ response, words }: FaultRequest, choice: object = { finish_reason: 'stop' }): void {
  const message = { role: 'assistant', content: words.join('') };
  response
    .writeHead(200, JSON_TYPE)
    .end(JSON.stringify({ id, object: 'chat.completion', choices: [{ index: 0, message, ...choice }], usage: usageOf(words) }));
}

const whole = (words: readonly string[]) =>
  [
    chunk({ role: 'assistant', content: '' }),
    ...words.map((content) => chunk({ content })),
    chunk({}, 'stop'),
    usageChunk(words),
    DONE,
  ].join('');

function healthy(request: FaultRequest): void {
  if (request.stream) request.response.writeHead(200, SSE).end(whole(request.words));
  else completion(request);
}

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

const refusal =
  (status: number, error: object, headers: Record<string, string> = {}) =>
  (request: FaultRequest) =>
    void request.response.writeHead(status, { ...JSON_TYPE, ...headers }).end(JSON.stringify({ error }));

const SECRET = 'Incorrect API key provided: sk-canary-0123456789abcdef';

/** Each is a model id of the fault provider. `status_<code>` answers any other status too. */
export const FAULTS: Record<string, Fault> = {
  healthy: { description: 'Answers as it should', expected: { status: 200 }, answer: healthy },
  hang: { description: 'Takes the request and never answers', expected: 'timeout', answer: () => {} },
  silent_stream: {
    description: 'Sends its headers, then no token',
    expected: 'timeout',
    answer: ({ response, stream }) => void response.writeHead(200, stream ? SSE : JSON_TYPE).flushHeaders(),
  },
  flood: {
    description: 'Sends 256 MB as fast as it is read',
    expected: { status: 502, code: 'INFERENCE_ERROR' },
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
    expected: { status: 502, code: 'INFERENCE_ERROR' },
    answer: ({ response }) => void response.destroy(),
  },
  cut_mid_stream: {
    description: 'Closes the connection after two tokens',
    expected: { status: 502, code: 'INFERENCE_ERROR' },
    answer: afterWords(2, (response) => response.destroy()),
  },
  end_without_finish: {
    description: 'Ends cleanly after two tokens without a finish reason',
    expected: { status: 502, code: 'INFERENCE_ERROR' },
    answer: (request) => (request.stream ? afterWords(2, (response) => response.end(DONE))(request) : completion(request, {})),
  },
  error_frame: {
    description: 'Sends an error object in the middle of its stream',
    expected: { status: 502, code: 'INFERENCE_ERROR' },
    answer: (request) =>
      request.stream
        ? afterWords(2, (response) => response.end(`data: ${JSON.stringify({ error: { message: SECRET } })}\n\n`))(request)
        : refusal(500, { message: SECRET })(request),
  },
  malformed_json: {
    description: 'Sends a frame that is not JSON',
    expected: { status: 502, code: 'INFERENCE_ERROR' },
    answer: (request) => void request.response.writeHead(200, request.stream ? SSE : JSON_TYPE).end('data: {"choices": [}\n\n'),
  },
  html_200: {
    description: 'Answers 200 with a web page',
    expected: { status: 502, code: 'INFERENCE_ERROR' },
    answer: ({ response }) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome</h1>'),
  },
  oversize: {
    description: 'Sends one frame of 9 MB',
    expected: { status: 502, code: 'INFERENCE_ERROR' },
    answer: ({ response, stream }) =>
      void response
        .writeHead(200, stream ? SSE : JSON_TYPE)
        .end(`data: {"choices":[{"delta":{"content":"${'x'.repeat(9 << 20)}"}}]}\n\n`),
  },
  split_utf8: {
    description: 'Cuts its bytes one by one, emoji included',
    expected: { status: 200 },
    answer: (request) => {
      if (!request.stream) return completion(request);
      const bytes = Buffer.from(whole(request.words));
      request.response.writeHead(200, SSE);
      for (const byte of bytes) request.response.write(Buffer.from([byte]));
      request.response.end();
    },
  },
  odd_framing: {
    description: 'Comments, CRLF, no space after `data:` and empty choices between its tokens',
    expected: { status: 200 },
    answer: (request) => {
      if (!request.stream) return completion(request);
      const odd = whole(request.words)
        .replace(/^data: /gm, 'data:')
        .replaceAll('\n', '\r\n');
      request.response.writeHead(200, SSE).end(`: hello\r\n\r\ndata:{"choices":[]}\r\n\r\n${odd}`);
    },
  },
  no_usage: {
    description: 'Does not report usage',
    expected: { status: 200 },
    answer: ({ response, stream, words }) => {
      const message = { role: 'assistant', content: words.join('') };
      if (!stream) response.writeHead(200, JSON_TYPE).end(JSON.stringify({ choices: [{ message, finish_reason: 'stop' }] }));
      else response.writeHead(200, SSE).end(whole(words).replace(usageChunk(words), ''));
    },
  },
  status_400: {
    description: 'Refuses the request',
    expected: { status: 400, code: 'BAD_REQUEST' },
    answer: refusal(400, { message: SECRET }),
  },
  status_401: {
    description: 'Refuses our key',
    expected: { status: 502, code: 'INFERENCE_ERROR' },
    answer: refusal(401, { message: SECRET }),
  },
  status_403: {
    description: 'Refuses our key',
    expected: { status: 502, code: 'INFERENCE_ERROR' },
    answer: refusal(403, { message: SECRET }),
  },
  status_404: {
    description: 'Does not know the model',
    expected: { status: 404, code: 'NOT_FOUND' },
    answer: refusal(404, { message: SECRET }),
  },
  status_413: {
    description: 'Finds it too large',
    expected: { status: 413, code: 'PAYLOAD_TOO_LARGE' },
    answer: refusal(413, { message: SECRET }),
  },
  status_422: {
    description: 'Refuses a field',
    expected: { status: 422, code: 'VALIDATION_ERROR' },
    answer: refusal(422, { message: SECRET }),
  },
  status_429: {
    description: 'Is at its limit, for seven seconds',
    expected: { status: 429, code: 'RATE_LIMITED' },
    answer: refusal(429, { message: SECRET }, { 'retry-after': '7' }),
  },
  status_500: {
    description: 'Fails',
    expected: { status: 502, code: 'INFERENCE_ERROR' },
    answer: refusal(500, { message: SECRET }),
  },
  status_503: {
    description: 'Is overloaded',
    expected: { status: 502, code: 'INFERENCE_ERROR' },
    answer: refusal(503, { message: SECRET }),
  },
};
