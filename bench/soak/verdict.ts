import { AppError, errorBodySchema, openAiErrorSchema } from '@prodigon/contracts';

/**
 * What became of a request. `right`: it got what it asked for, to the letter. `left`: its caller went away. `refused` and
 * `broken off`: it was told so, in the documented form. `wrong`: anything else.
 */
export type Verdict =
  | { readonly kind: 'right' | 'left' }
  | { readonly kind: 'refused' | 'broken off' | 'wrong'; readonly why: string };

export const RIGHT: Verdict = { kind: 'right' };
export const LEFT: Verdict = { kind: 'left' };
export const wrong = (why: string): Verdict => ({ kind: 'wrong', why });
export const brokenOff = (why: string): Verdict => ({ kind: 'broken off', why });

/** What may be answered while something behind the gateway is down. */
const PASSING = [429, 502, 503, 504];
const SHOWN_CHARACTERS = 200;

/** An answer that is no success. */
export async function checkRejection(answer: Response, allowed: readonly number[] = PASSING): Promise<Verdict> {
  const text = await answer.text();
  const isDocumented = [errorBodySchema, openAiErrorSchema].some((schema) => schema.safeParse(parse(text)).success);
  const shown = `status ${answer.status}: ${text.slice(0, SHOWN_CHARACTERS)}`;
  if (!isDocumented) return wrong(`an error in another form, ${shown}`);
  return allowed.includes(answer.status) ? { kind: 'refused', why: `status ${answer.status}` } : wrong(shown);
}

/** What the API client threw. The gateway lives all the time, so nobody may fail to reach it. */
export function classifyError(error: unknown): Verdict {
  if (!(error instanceof AppError)) return wrong(String(error));
  if (error.cause !== undefined) return wrong(`${error.message} (${causesOf(error)})`);
  return PASSING.includes(error.status)
    ? { kind: 'refused', why: `status ${error.status}` }
    : wrong(`${error.code}: ${error.message}`);
}

/** An exact comparison. */
export function checkText(text: string, expected: string): Verdict {
  if (text === expected) return RIGHT;
  return wrong(
    `"${text.slice(0, SHOWN_CHARACTERS)}" (${text.length} characters) instead of "${expected.slice(0, SHOWN_CHARACTERS)}" (${expected.length})`,
  );
}

function causesOf(error: Error): string {
  const { cause } = error;
  return cause instanceof Error ? `${cause.message}; ${causesOf(cause)}` : String(cause ?? '');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
