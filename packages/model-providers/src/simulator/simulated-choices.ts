import { AppError, type ChatRequest, maxOutputTokens } from '@prodigon/contracts';
import { findStop, forcedTools, stopSequences, unsupportedError } from '../offline-request.ts';
import { createInstance } from './schema-instance.ts';
import { createSchemaBudget, STEP_WORK, UnsupportedSchemaError } from './schema-values.ts';
import type { SimulatedEvent } from './simulated-chunks.ts';
import { createSimulatedText } from './simulated-text.ts';

/** Tokens of one choice, then its finish reason. */
export type SimulatedTokens = Generator<SimulatedEvent, string>;

/** The end of a response joins its tokens in one turn of the event loop. */
const CHUNKED_TOKENS_MAX = 20_000;
/** The JSON of all choices together, which has tokens of up to four characters. */
const JSON_CHARACTERS_MAX = 4 * CHUNKED_TOKENS_MAX;
/** Each token is compared with the beginning of each stop sequence. */
const STOP_CHARACTERS_MAX = 1_024;

interface SimulatedLength {
  readonly tokens: number;
  readonly seed: number;
}

/** Creates the choices of a response. Throws `BAD_REQUEST` for a tool or a schema that the simulator cannot satisfy. */
export function createSimulatedChoices(request: ChatRequest, parameters: SimulatedLength, id: string): SimulatedTokens[] {
  const seed = request.seed ?? parameters.seed;
  const count = request.n ?? 1;
  const length = Math.min(parameters.tokens, maxOutputTokens(request) ?? Number.POSITIVE_INFINITY);
  const isLong = count * length > CHUNKED_TOKENS_MAX;
  if (isLong && count > 1)
    throw unsupportedError('n', `prodigon-sim returns up to ${CHUNKED_TOKENS_MAX} tokens in several choices.`);
  if (isLong && request.logprobs) {
    throw unsupportedError('logprobs', `prodigon-sim reports up to ${CHUNKED_TOKENS_MAX} log probabilities.`);
  }
  if (stopSequences(request).some((stop) => stop.length > STOP_CHARACTERS_MAX)) {
    throw unsupportedError('stop', `prodigon-sim finds stop sequences of up to ${STOP_CHARACTERS_MAX} characters.`);
  }
  const writeJson = createJsonWriter();
  return Array.from({ length: count }, (_, index) => {
    // The golden ratio keeps the seeds of the choices apart.
    const tokens = createTokens(
      request,
      { tokens: parameters.tokens, seed: (seed >>> 0) + index * 0x9e3779b9 },
      `${id}_${index}`,
      writeJson,
    );
    const max = maxOutputTokens(request);
    return max === undefined ? tokens : limitTokens(tokens, max);
  });
}

function createTokens(
  request: ChatRequest,
  { tokens, seed }: SimulatedLength,
  id: string,
  writeJson: JsonWriter,
): SimulatedTokens {
  const nextWord = createSimulatedText(seed);
  const calls = createCalls(request, nextWord, writeJson);
  if (calls) return callTokens(calls, id);
  const json = createJson(request, nextWord, writeJson);
  const text = json === undefined ? wordTokens(nextWord, tokens) : textTokens(json);
  const stops = stopSequences(request);
  return stops.length > 0 ? untilStop(text, stops) : text;
}

interface FunctionCall {
  readonly name: string;
  readonly json: string;
}

function createCalls(request: ChatRequest, nextWord: () => string, writeJson: JsonWriter): FunctionCall[] | undefined {
  const forced = forcedTools(request);
  if (!forced) return undefined;
  const names = request.parallel_tool_calls === true ? [...new Set(forced)] : forced.slice(0, 1);
  return names.map((name) => {
    const index = request.tools?.findIndex((tool) => tool.function?.name === name) ?? -1;
    const called = request.tools?.[index]?.function;
    if (!called) throw unsupportedError('tool_choice', 'prodigon-sim calls functions only, not custom tools.');
    const path = `tools[${index}].function.parameters`;
    return { name, json: writeJson(called.parameters ?? { type: 'object' }, nextWord, path) };
  });
}

function createJson({ response_format: format }: ChatRequest, nextWord: () => string, writeJson: JsonWriter): string | undefined {
  if (format?.type === 'json_object') return JSON.stringify({ text: `${nextWord()}${nextWord()}${nextWord()}`.trim() });
  if (format?.type !== 'json_schema') return undefined;
  return writeJson(format.json_schema?.schema, nextWord, 'response_format.json_schema.schema');
}

/** Returns the JSON of a value that satisfies a schema. Throws `BAD_REQUEST` with the path for one that has none. */
type JsonWriter = (schema: unknown, nextWord: () => string, path: string) => string;

/** Creates the writer of one request, whose choices and calls share the limits. */
function createJsonWriter(): JsonWriter {
  const budget = createSchemaBudget();
  let characters = 0;
  return (schema, nextWord, path) => {
    try {
      budget.spend(STEP_WORK);
      const json = JSON.stringify(createInstance(schema, nextWord, budget));
      characters += json.length;
      if (characters > JSON_CHARACTERS_MAX)
        throw new UnsupportedSchemaError(`more than ${JSON_CHARACTERS_MAX} characters of JSON`);
      return json;
    } catch (thrown) {
      if (!(thrown instanceof UnsupportedSchemaError)) throw AppError.from(thrown);
      throw unsupportedError(path, `prodigon-sim cannot satisfy this schema: it does not support ${thrown.message}.`);
    }
  };
}

function* wordTokens(nextWord: () => string, tokens: number): SimulatedTokens {
  for (let sent = 0; sent < tokens; sent++) yield { type: 'text', text: nextWord() };
  return 'stop';
}

const TOKEN_OF_JSON = /.{1,4}/gsu;

function* textTokens(text: string): SimulatedTokens {
  for (const [token] of text.matchAll(TOKEN_OF_JSON)) yield { type: 'text', text: token };
  return 'stop';
}

function* callTokens(calls: readonly FunctionCall[], id: string): SimulatedTokens {
  for (const [index, { name, json }] of calls.entries()) {
    yield { type: 'tool_call', index, id: `call_${id}_${index}`, name, argumentsDelta: '' };
    for (const [token] of json.matchAll(TOKEN_OF_JSON)) yield { type: 'tool_call', index, argumentsDelta: token };
  }
  return 'tool_calls';
}

function* limitTokens(tokens: SimulatedTokens, max: number): SimulatedTokens {
  for (let sent = 0; ; sent++) {
    const { done, value } = tokens.next();
    if (done) return value;
    if (sent >= max) return 'length';
    yield value;
  }
}

/** Ends a text before the first stop sequence. It holds back tokens that may be the beginning of one. */
function* untilStop(tokens: SimulatedTokens, stops: readonly string[]): SimulatedTokens {
  const held: string[] = [];
  let text = '';
  for (;;) {
    const { done, value } = tokens.next();
    if (!done && value.type === 'text') {
      held.push(value.text);
      text += value.text;
    }
    const stopAt = findStop(text, stops);
    const safe = stopAt >= 0 ? stopAt : done ? text.length : text.length - heldLength(text, stops);
    for (let released = 0; held.length > 0 && released < safe; ) {
      const token = held[0] as string;
      if (released + token.length > safe && stopAt < 0) break;
      yield { type: 'text', text: token.slice(0, safe - released) };
      released += token.length;
      held.shift();
      text = text.slice(token.length);
    }
    if (stopAt >= 0) return 'stop';
    if (done) return value;
  }
}

/** Returns the length of the longest end of a text that is the beginning of a stop sequence. */
function heldLength(text: string, stops: readonly string[]): number {
  const lengths = stops.map((stop) => {
    for (let length = Math.min(stop.length - 1, text.length); length > 0; length--)
      if (text.endsWith(stop.slice(0, length))) return length;
    return 0;
  });
  return Math.max(...lengths);
}
