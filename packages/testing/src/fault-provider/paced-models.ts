import { setTimeout as wait } from 'node:timers/promises';
import type { FaultRequest } from './fault.ts';
import { bodyOf, errorResponse, framesOf, JSON_TYPE, SSE, sendCompletion } from './openai-response.ts';

interface PacedModel {
  readonly example: string;
  readonly description: string;
  /** `first` and `second` are the numbers at the end of the model id. */
  readonly respond: (request: FaultRequest, first?: string, second?: string) => unknown;
}

/** Returns the text of a model that repeats its prompt, so that a test can match a response with its prompt. */
export const echoOf = (prompt: string): string => `Response to: ${prompt}`;

const echo = (request: FaultRequest) => sendCompletion({ ...request, words: [echoOf(request.prompt)] });
const rateLimit = (request: FaultRequest, seconds = '1') =>
  errorResponse(429, { code: 'rate_limit_exceeded' }, { 'retry-after': seconds })(request);

/** Models with controlled timing, or with responses that differ between calls. */
export const PACED_MODELS: Record<string, PacedModel> = {
  gated: {
    example: 'gated',
    description: 'Responds when the gate opens',
    respond: async (request) => {
      await request.gate.passed();
      echo(request);
    },
  },
  slow: {
    example: 'slow_50',
    description: 'Responds after the given number of milliseconds',
    respond: async (request, ms) => {
      await wait(Number(ms));
      echo(request);
    },
  },
  slow_first_token: {
    example: 'slow_first_token_300',
    description:
      'Sends its headers immediately and its tokens after the given number of milliseconds, or without one when the gate opens',
    respond: async (request, ms) => {
      request.response.writeHead(200, request.stream ? SSE : JSON_TYPE).flushHeaders();
      await (ms === undefined ? request.gate.passed() : wait(Number(ms)));
      request.response.end(bodyOf(request));
    },
  },
  paced: {
    example: 'paced_100',
    description: 'Streams its prompt word by word, with the given number of milliseconds between two frames',
    respond: async (request, ms) => {
      const { response, prompt } = request;
      response.writeHead(200, SSE);
      for (const frame of framesOf({ ...request, words: echoOf(prompt).match(/\s*\S+/g) ?? [] })) {
        if (response.destroyed) return;
        response.write(frame);
        await wait(Number(ms));
      }
      response.end();
    },
  },
  limited: { example: 'limited_3', description: 'Returns 429 with this Retry-After in seconds', respond: rateLimit },
  limited_once: {
    example: 'limited_once_1',
    description: 'Returns 429 with this Retry-After in seconds for the first call of each prompt',
    respond: (request, seconds) => (request.earlierCalls === 0 ? rateLimit(request, seconds) : echo(request)),
  },
  flaky: {
    example: 'flaky_2_503',
    description: 'Fails the given number of first calls of each prompt, with 500 or the given status',
    respond: (request, times = '1', status = '500') =>
      request.earlierCalls < Number(times) ? errorResponse(Number(status), {})(request) : sendCompletion(request),
  },
  down_then_up: {
    example: 'down_then_up',
    description: "Fails with 500 while the provider's health is `down`",
    respond: (request) => (request.health === 'down' ? errorResponse(500, {})(request) : sendCompletion(request)),
  },
  status: {
    example: 'status_418',
    description: 'Returns an error with this status',
    respond: (request, status = '404') => errorResponse(Number(status), {})(request),
  },
};

/** Returns the response function of a model id, e.g. `slow_50`; undefined for other ids. */
export function pacedModel(id: string): ((request: FaultRequest) => unknown) | undefined {
  const [, name = '', numbers = ''] = /^([a-z_]+?)((?:_\d+)*)$/.exec(id) ?? [];
  const [, first, second] = numbers.split('_');
  const model = PACED_MODELS[name];
  return model && ((request) => model.respond(request, first, second));
}
