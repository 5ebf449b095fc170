import { setTimeout as wait } from 'node:timers/promises';
import type { FaultRequest } from './fault.ts';
import { bodyOf, JSON_TYPE, refusal, SSE, sendReply } from './openai-response.ts';

interface PacedModel {
  readonly example: string;
  readonly description: string;
  /** The numbers are those that the id ends with. */
  readonly answer: (request: FaultRequest, first?: string, second?: string) => unknown;
}

/** What a healthy model that repeats its prompt answers, so that an answer tells what it belongs to. */
export const echoOf = (prompt: string): string => `An answer to: ${prompt}`;

const echo = (request: FaultRequest) => sendReply({ ...request, words: [echoOf(request.prompt)] });
const limit = (request: FaultRequest, seconds = '1') =>
  refusal(429, { code: 'rate_limit_exceeded' }, { 'retry-after': seconds })(request);

/** Models with controlled timing, or with responses that differ between calls. */
export const PACED_MODELS: Record<string, PacedModel> = {
  gated: {
    example: 'gated',
    description: 'Answers once the gate is open',
    answer: async (request) => {
      await request.gate.passed();
      echo(request);
    },
  },
  slow: {
    example: 'slow_50',
    description: 'Answers after so many milliseconds',
    answer: async (request, ms) => {
      await wait(Number(ms));
      echo(request);
    },
  },
  slow_first_token: {
    example: 'slow_first_token_300',
    description:
      'Sends its headers immediately, its words after so many milliseconds or, without a number, once the gate is open',
    answer: async (request, ms) => {
      request.response.writeHead(200, request.stream ? SSE : JSON_TYPE).flushHeaders();
      await (ms === undefined ? request.gate.passed() : wait(Number(ms)));
      request.response.end(bodyOf(request));
    },
  },
  limited: { example: 'limited_3', description: 'Is at its limit for so many seconds, whenever it is asked', answer: limit },
  limited_once: {
    example: 'limited_once_1',
    description: 'Is at its limit for so many seconds the first time that it is asked a prompt',
    answer: (request, seconds) => (request.timesAsked === 0 ? limit(request, seconds) : echo(request)),
  },
  flaky: {
    example: 'flaky_2_503',
    description: 'Fails the first so many times that it is asked a prompt, with 500 or this status',
    answer: (request, times = '1', status = '500') =>
      request.timesAsked < Number(times) ? refusal(Number(status), {})(request) : sendReply(request),
  },
  down_then_up: {
    example: 'down_then_up',
    description: 'Fails with 500 while the provider’s health is `down`',
    answer: (request) => (request.health === 'down' ? refusal(500, {})(request) : sendReply(request)),
  },
  status: {
    example: 'status_418',
    description: 'Answers with this status',
    answer: (request, status = '404') => refusal(Number(status), {})(request),
  },
};

/** How the model `id` answers, e.g. `slow_50`; undefined when it is none of these. */
export function pacedModel(id: string): ((request: FaultRequest) => unknown) | undefined {
  const [, name = '', numbers = ''] = /^([a-z_]+?)((?:_\d+)*)$/.exec(id) ?? [];
  const [, first, second] = numbers.split('_');
  const model = PACED_MODELS[name];
  return model && ((request) => model.answer(request, first, second));
}
