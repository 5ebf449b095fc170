import { AppError, errorBodySchema, openAiErrorSchema } from '@prodigon/contracts';

/**
 * The outcome of a request; the kinds are keys of the committed result. `right`: the exact expected response. `left`: the
 * client stopped waiting. `refused` and `broken off`: a documented error. `wrong`: anything else.
 */
export type Verdict =
  | { readonly kind: 'right' | 'left' }
  | { readonly kind: 'refused' | 'broken off' | 'wrong'; readonly why: string };

export const RIGHT: Verdict = { kind: 'right' };
export const ABANDONED: Verdict = { kind: 'left' };
export const wrong = (why: string): Verdict => ({ kind: 'wrong', why });
export const brokenOff = (why: string): Verdict => ({ kind: 'broken off', why });

/** Statuses that the gateway may return while a service behind it is down. */
const TRANSIENT_STATUSES = [429, 502, 503, 504];
const SHOWN_CHARACTERS = 200;

/** Checks that an error response has a documented format and an allowed status. */
export async function checkRejection(response: Response, allowed: readonly number[] = TRANSIENT_STATUSES): Promise<Verdict> {
  const text = await response.text();
  const isDocumented = [errorBodySchema, openAiErrorSchema].some((schema) => schema.safeParse(parse(text)).success);
  const shown = `status ${response.status}: ${text.slice(0, SHOWN_CHARACTERS)}`;
  if (!isDocumented) return wrong(`an error in an undocumented format, ${shown}`);
  return allowed.includes(response.status) ? { kind: 'refused', why: `status ${response.status}` } : wrong(shown);
}

/** Classifies an error of the API client. The gateway always runs, so connection errors are wrong. */
export function classifyError(error: unknown): Verdict {
  if (!(error instanceof AppError)) return wrong(String(error));
  if (error.cause !== undefined) return wrong(`${error.message} (${causesOf(error)})`);
  return TRANSIENT_STATUSES.includes(error.status)
    ? { kind: 'refused', why: `status ${error.status}` }
    : wrong(`${error.code}: ${error.message}`);
}

/** Compares a response with the exact expected text. */
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
