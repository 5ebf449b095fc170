import { setTimeout as wait } from 'node:timers/promises';
import { FAULTS, type FaultRequest } from './faults.ts';
import type { Gate } from './gate.ts';

export interface PacedRequest extends FaultRequest {
  readonly prompt: string;
  /** How often this prompt was asked before. */
  readonly timesAsked: number;
  readonly gate: Gate;
}

/** What a healthy model that repeats its prompt answers, so that an answer tells what it belongs to. */
export const answerTo = (prompt: string): string => `An answer to: ${prompt}`;

const healthy = FAULTS.healthy as (typeof FAULTS)[string];
const echo = (request: PacedRequest) => healthy.answer({ ...request, words: [answerTo(request.prompt)] });
const limit = ({ response }: PacedRequest, seconds: string) =>
  void response
    .writeHead(429, { 'content-type': 'application/json', 'retry-after': seconds })
    .end('{"error":{"message":"too fast"}}');

/** Models that answer when they are told to. The number that their id ends with is the argument. */
const PACED: Record<string, (request: PacedRequest, number: string) => unknown> = {
  /** Answers once the gate is open. */
  gated: async (request) => {
    await request.gate.passed();
    echo(request);
  },
  /** Answers after so many milliseconds. */
  slow: async (request, number) => {
    await wait(Number(number));
    echo(request);
  },
  /** Is at its limit for so many seconds, whenever it is asked. */
  limited: limit,
  /** Is at its limit the first time that it is asked a prompt. */
  limited_once: (request, number) => (request.timesAsked === 0 ? limit(request, number) : echo(request)),
};

/** How the model `id` answers, e.g. `slow_50`; undefined when it is none of these. */
export function pacedModel(id: string): ((request: PacedRequest) => unknown) | undefined {
  const [, name = '', number = ''] = /^([a-z_]+?)(?:_(\d+))?$/.exec(id) ?? [];
  const answer = PACED[name];
  return answer && ((request) => answer(request, number));
}
