import { AppError, ERROR_CODES } from '@prodigon/contracts';
import type { Logger } from 'pino';

/** Characters of a withheld text that `debug` lines contain. */
const TEXT_CHARACTERS_MAX = 2_000;

export interface FailureLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly failure: AppError;
  /** Fields before those of the failure. */
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/**
 * Logs a failure with its code and cause. The texts of providers, parsers, databases and exceptions may quote prompts and
 * responses, so they follow in a line of level `debug`.
 */
export function logFailure(logger: Logger, { level, failure, fields = {}, message }: FailureLine): void {
  logger[level]({ ...fields, code: failure.code, ...describeCause(failure) }, message);
  if (!logger.isLevelEnabled('debug')) return;
  const texts = withheldTexts(failure);
  if (texts.length === 0) return;
  logger.debug({ request_id: fields.request_id, code: failure.code, texts }, `Texts of the failure: ${failure.code}`);
}

/** Returns the message of a failure, or that of its code when the message may quote the request. */
export function reasonOf({ code, message, details }: AppError): string {
  return details ? ERROR_CODES[code].message : message;
}

/**
 * Returns the log fields for the cause of a failure. Client errors (status below 500) need no cause, and only internal
 * errors need a stack trace.
 */
export function describeCause({ code, cause }: AppError): Record<string, unknown> {
  if (cause === undefined) return {};
  if (isProviderResponse(cause)) {
    const { status, providerCode, param, textCharacters } = cause;
    return {
      provider_status: status,
      provider_code: nameOrNull(providerCode),
      provider_param: nameOrNull(param),
      provider_text_characters: textCharacters,
    };
  }
  if (ERROR_CODES[code].status < 500) return {};
  if (code === 'INTERNAL_ERROR') return { err: cause };
  if (!(cause instanceof Error)) return { cause: typeof cause };
  const { type, code: errorCode, message } = describeError(cause) as ErrorFields;
  return { cause: [[type, errorCode].filter(Boolean).join(' '), message].filter(Boolean).join(': ') };
}

/** Returns a provider's name of an error or a parameter, or null for a longer text. */
function nameOrNull(text: string | null): string | null {
  return text !== null && /^[\w.[\]-]{1,64}$/.test(text) ? text : null;
}

/** The response of a provider as a cause, by its shape: this package does not depend on the providers. */
interface ProviderResponse {
  readonly status: number | null;
  readonly providerCode: string | null;
  readonly param: string | null;
  /** The beginning of the text, and the length of the whole text. */
  readonly text: string;
  readonly textCharacters: number;
}

function isProviderResponse(cause: unknown): cause is Error & ProviderResponse {
  return cause instanceof Error && cause.name === 'ProviderResponseError' && 'text' in cause;
}

interface ErrorFields {
  readonly type: string;
  readonly code?: string;
  /** Only messages that cannot quote input. */
  readonly message?: string;
  readonly stack?: string;
  readonly cause?: unknown;
}

const CODE = /^[A-Z0-9_]{3,60}$/;
/** Fields of PostgreSQL's errors that name objects of the schema, unlike `message`, `detail` and `where`. */
const SCHEMA_FIELDS = ['table', 'column', 'constraint', 'routine'] as const;

/** Returns the log fields of a thrown value: what identifies the fault, without texts that may quote input. */
export function describeError(thrown: unknown, depth = 0): unknown {
  if (!(thrown instanceof Error)) return typeof thrown;
  const { code } = thrown as NodeJS.ErrnoException;
  const fields = thrown as unknown as Record<string, unknown>;
  return {
    type: thrown.name,
    ...(typeof code === 'string' && CODE.test(code) && { code }),
    ...Object.fromEntries(SCHEMA_FIELDS.flatMap((name) => (typeof fields[name] === 'string' ? [[name, fields[name]]] : []))),
    ...(hasOwnText(thrown) && { message: thrown.message }),
    stack: framesOf(thrown),
    ...(thrown.cause !== undefined && depth < 3 && { cause: describeError(thrown.cause, depth + 1) }),
  } satisfies ErrorFields;
}

/** Prodigon writes the messages of an AppError without details, and the operating system those of a network error. */
function hasOwnText(error: Error): boolean {
  if (error instanceof AppError) return error.details === undefined;
  const { syscall, path } = error as NodeJS.ErrnoException;
  return typeof syscall === 'string' && path === undefined;
}

/** Returns the stack without the message that precedes it, which can contain line breaks. */
function framesOf({ stack = '', message }: Error): string {
  const end = message === '' ? 0 : stack.indexOf(message) + message.length;
  const frames = stack.slice(end).split('\n');
  return frames.filter((line) => /^\s+at .*(?::\d+:\d+|<anonymous>|native)\)?$/.test(line)).join('\n');
}

function withheldTexts(failure: AppError): string[] {
  const texts = [failure.message === reasonOf(failure) ? '' : failure.message];
  let cause = failure.cause;
  for (let depth = 0; cause !== undefined && depth < 4; depth++) {
    texts.push(isProviderResponse(cause) ? cause.text : textOf(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return texts.filter((text) => text !== '').map(cut);
}

function textOf(cause: unknown): string {
  if (!(cause instanceof Error)) return typeof cause === 'string' ? cause : '';
  const { detail } = cause as Error & { detail?: unknown };
  return `${cause.name}: ${cause.message}${typeof detail === 'string' ? ` (${detail})` : ''}`;
}

/** Cuts before a word, because the logger redacts later and cannot recognize a part of a secret. */
function cut(text: string): string {
  if (text.length <= TEXT_CHARACTERS_MAX) return text;
  return `${text.slice(0, TEXT_CHARACTERS_MAX).replace(/[^\s"'<>,;]*$/, '')}…`;
}
