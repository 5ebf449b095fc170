import { randomUUIDv7 } from 'node:crypto';
import { baseModelId, type ChatRequest, type Usage } from '@prodigon/contracts';
import type { ContentEvent, RawChunk } from '@prodigon/ports';
import { wordLogprobs } from './simulated-text.ts';

/** The output of the simulator. */
export type SimulatedEvent = Extract<ContentEvent, { type: 'text' | 'tool_call' }>;

/** A token of one choice. */
export interface ChoiceToken {
  readonly choice: number;
  readonly event: SimulatedEvent;
}

interface Logprob {
  readonly token: string;
  readonly logprob: number;
  readonly bytes: readonly number[];
  readonly top_logprobs?: readonly Logprob[];
}

/** Formats tokens as OpenAI does, for requests that events cannot represent. */
export interface ChoiceFormatter {
  /** Returns the chunk that opens a choice. */
  role(choice: number): RawChunk;
  token(token: ChoiceToken): RawChunk;
  /** Returns the event of a token with its log probability. */
  event(token: ChoiceToken): SimulatedEvent;
  finish(choice: number, reason: string): RawChunk;
  /** Returns a whole `chat.completion`. */
  completion(tokens: readonly ChoiceToken[], finishes: readonly string[], usage: Usage): string;
}

export function createChoiceFormatter(request: ChatRequest & { model: string }): ChoiceFormatter {
  const header = { id: `chatcmpl-${randomUUIDv7()}`, created: Math.floor(Date.now() / 1_000), model: baseModelId(request.model) };
  const isJson = request.response_format ? request.response_format.type !== 'text' : false;
  const alternatives = request.top_logprobs ?? 0;

  function logprobOf(text: string): Logprob {
    const bytesOf = (token: string) => [...Buffer.from(token)];
    // Only one JSON text is possible.
    const { logprob, top } = isJson
      ? { logprob: 0, top: alternatives > 0 ? ([[text, 0]] as const) : [] }
      : wordLogprobs(text, alternatives);
    return {
      token: text,
      logprob,
      bytes: bytesOf(text),
      top_logprobs: top.map(([token, value]) => ({ token, logprob: value, bytes: bytesOf(token) })),
    };
  }

  function logprobsOf(events: readonly SimulatedEvent[]) {
    const texts = events.flatMap((event) => (event.type === 'text' ? event.text : []));
    return request.logprobs && texts.length > 0 ? { content: texts.map(logprobOf), refusal: null } : null;
  }

  function chunk(index: number, delta: object, logprobs: object | null, finish_reason: string | null, hasRole = false): RawChunk {
    const choices = [{ index, delta, logprobs, finish_reason }];
    const json = JSON.stringify({ ...header, object: 'chat.completion.chunk', choices, usage: null });
    return { json, usage: 'null', hasChoices: true, hasRole };
  }

  return {
    role: (choice) => chunk(choice, { role: 'assistant', content: '' }, null, null, true),
    token({ choice, event }) {
      return chunk(choice, deltaOf(event), logprobsOf([event]), null);
    },
    event({ event }) {
      const logprobs = logprobsOf([event]);
      return logprobs ? { ...event, logprobs: logprobs.content } : event;
    },
    finish: (choice, reason) => chunk(choice, {}, null, reason),
    completion(tokens, finishes, usage) {
      const choices = finishes.map((finish_reason, index) => {
        const events = tokens.filter(({ choice }) => choice === index).map(({ event }) => event);
        return { index, message: messageOf(events), logprobs: logprobsOf(events), finish_reason };
      });
      return JSON.stringify({ ...header, object: 'chat.completion', choices, usage });
    },
  };
}

function deltaOf(event: SimulatedEvent): object {
  if (event.type !== 'tool_call') return { content: event.text };
  const { index, id, name, argumentsDelta } = event;
  const called = { ...(name !== undefined && { name }), arguments: argumentsDelta };
  return { tool_calls: [{ index, ...(id !== undefined && { id, type: 'function' }), function: called }] };
}

function messageOf(events: readonly SimulatedEvent[]): object {
  const calls: { id: string | undefined; type: 'function'; function: { name: string; arguments: string } }[] = [];
  let content = '';
  for (const event of events) {
    if (event.type !== 'tool_call') content += event.text;
    else {
      calls[event.index] ??= { id: event.id, type: 'function', function: { name: event.name ?? '', arguments: '' } };
      const call = calls[event.index];
      if (call) call.function.arguments += event.argumentsDelta;
    }
  }
  const message = { role: 'assistant', content: calls.length > 0 ? null : content, refusal: null };
  return calls.length > 0 ? { ...message, tool_calls: calls } : message;
}
