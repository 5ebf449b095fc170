/** The only argument of the function that stands for a custom tool. */
export const INPUT_ARGUMENT = 'input';

/** The start of the arguments, up to the first character of the input. */
const START = /^\s*\{\s*"input"\s*:\s*"/;
const START_CHARACTERS_MAX = 256;

/** Decodes the input of a custom tool from the arguments of a function while they arrive. */
export interface InputDecoder {
  /** Returns the characters of the input that a part of the arguments completes. */
  append(delta: string): string;
  /** Returns the rest of the input. Models that write no JSON, or other fields, have written the input itself. */
  end(): string;
}

export function createInputDecoder(): InputDecoder {
  const deltas: string[] = [];
  /** The start of the arguments, then only the undecoded characters of the input, so that reading them is cheap. */
  let pending = '';
  let state: 'before' | 'inside' | 'after' = 'before';
  let decoded = '';

  return {
    append(delta) {
      deltas.push(delta);
      if (state === 'after') return '';
      pending += delta;
      if (state === 'before') {
        const start = START.exec(pending)?.[0].length;
        if (start === undefined) {
          if (pending.length >= START_CHARACTERS_MAX) state = 'after';
          return '';
        }
        state = 'inside';
        pending = pending.slice(start);
      }
      const end = endOfCompleteCharacters(pending);
      const text = decodeString(pending.slice(0, end));
      // Without valid JSON, only the end shows what the model meant.
      if (text === null || pending[end] === '"') state = 'after';
      pending = pending.slice(end);
      decoded += text ?? '';
      return text ?? '';
    },
    end() {
      const whole = readInput(deltas.join(''));
      return whole.startsWith(decoded) ? whole.slice(decoded.length) : '';
    },
  };
}

/** Returns the position of the closing quote, or of the first escape sequence or surrogate pair that is incomplete. */
function endOfCompleteCharacters(json: string): number {
  let at = 0;
  while (at < json.length && json[at] !== '"') {
    const length = lengthOfCharacter(json, at);
    if (at + length > json.length) break;
    at += length;
  }
  return at;
}

function lengthOfCharacter(json: string, at: number): number {
  if (json[at] !== '\\') return /[\ud800-\udbff]/.test(json[at] ?? '') ? 2 : 1;
  if (json[at + 1] !== 'u') return 2;
  return /^d[89ab]/i.test(json.slice(at + 2, at + 4)) ? 12 : 6;
}

/** Returns the text of a literal, or null for an invalid one. Some models write line breaks without escaping them. */
function decodeString(literal: string): string | null {
  try {
    return JSON.parse(`"${literal.replace(/\p{Cc}/gu, (control) => JSON.stringify(control).slice(1, -1))}"`);
  } catch {
    return null;
  }
}

function readInput(json: string): string {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return json;
  }
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return json;
  if (Object.keys(value).length === 0) return '';
  const input = (value as Record<string, unknown>)[INPUT_ARGUMENT];
  if (typeof input === 'string') return input;
  return input === undefined ? json : JSON.stringify(input);
}
