import { cutText, isRecord, isText, type ProviderReason } from '@prodigon/contracts';
import { createRedactor } from '@prodigon/platform';
import { createSecretPattern } from './secret-pattern.ts';

/** Removes from a provider's text what clients must not see. */
export type ReasonRedactor = (text: string) => string;

export interface ReasonRedactorOptions {
  /** Every configured secret. */
  readonly secrets: readonly string[];
  /** The base URLs of all providers, whose hosts are private. */
  readonly baseUrls: readonly string[];
}

const REDACTED = '[redacted]';
/** With its credentials, host, path and query. */
const URL_PATTERN = /\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>`]+/gi;
const ADDRESS = /\[[0-9a-f:]*:[0-9a-f:]+\](?::\d+)?|\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/gi;
/** A name with a port, or with an ending that only host names have. A label alone must contain a digit or a hyphen. */
const HOST =
  /\b(?:localhost|(?=[a-z0-9-]*[-\d])[a-z][a-z0-9-]*|[a-z0-9-]+(?:\.[a-z0-9-]+)+):\d{2,5}\b|\b(?:localhost|(?:[a-z0-9-]+\.)+(?:com|org|net|io|ai|dev|cloud|app|internal|local|localdomain|lan|corp|svc))\b/gi;
/** Ids of the operator's account at the provider. */
const ACCOUNT = /\b(?:org|proj|acct)[-_]\w{3,}/g;
/** Long texts of random characters, such as tokens and hashes. */
const TOKEN = /\b(?=[\w-]*\d)(?=[\w-]*[a-z])[\w-]{32,}\b/gi;

/** Creates a redactor that removes configured secrets, anything that looks like a key, URLs and hosts. */
export function createReasonRedactor({ secrets, baseUrls }: ReasonRedactorOptions): ReasonRedactor {
  const redactSecrets = createRedactor(secrets);
  const encoded = createSecretPattern(secrets);
  const hosts = new Set(baseUrls.flatMap((url) => [URL.parse(url)?.host, URL.parse(url)?.hostname]).filter(isText));
  return (text) => {
    const plain = encoded ? text.replace(encoded, REDACTED) : text;
    let clean = redactSecrets(plain).replace(URL_PATTERN, REDACTED).replace(ADDRESS, REDACTED).replace(HOST, REDACTED);
    for (const host of hosts) clean = clean.replaceAll(host, REDACTED);
    return clean.replace(ACCOUNT, REDACTED).replace(TOKEN, REDACTED);
  };
}

const MESSAGE_CHARACTERS_MAX = 1_000;
const NAME_CHARACTERS_MAX = 128;

/**
 * Reads why a provider refused a request, from the error in its response: OpenAI's format, an error that is a text, or
 * FastAPI's `detail`. Returns undefined without a message.
 */
export function readReason(body: unknown, redact: ReasonRedactor): ProviderReason | undefined {
  const error = errorOf(body);
  const message = clean(error.message, MESSAGE_CHARACTERS_MAX, redact);
  if (message === null) return undefined;
  return {
    message,
    code: clean(typeof error.code === 'number' ? undefined : error.code, NAME_CHARACTERS_MAX, redact),
    param: clean(error.param, NAME_CHARACTERS_MAX, redact),
  };
}

interface ProviderErrorFields {
  readonly message?: unknown;
  readonly code?: unknown;
  readonly type?: unknown;
  readonly param?: unknown;
  readonly status?: unknown;
}

/** Returns the fields of the error in a body. */
export function errorOf(body: unknown): ProviderErrorFields {
  // Google's API sends a list of one error.
  if (Array.isArray(body)) return errorOf(body[0]);
  if (!isRecord(body)) return {};
  const { error, detail, message } = body;
  if (isRecord(error)) return error;
  if (isText(error)) return { message: error, code: body.code, type: body.type };
  if (Array.isArray(detail)) return fastApiError(detail);
  return { ...body, message: isText(message) ? message : detail };
}

/** Returns the first problem of FastAPI's list, e.g. `{loc: ['body', 'temperature'], msg: 'Input should be less than 2'}`. */
function fastApiError([first]: readonly unknown[]): ProviderErrorFields {
  if (!isRecord(first)) return {};
  const path = Array.isArray(first.loc) ? first.loc.filter((part) => part !== 'body').join('.') : undefined;
  return { message: first.msg, param: path, code: first.type };
}

/** Returns a text on one line, without secrets, or null for a value that is not a text. */
function clean(value: unknown, charactersMax: number, redact: ReasonRedactor): string | null {
  if (!isText(value)) return null;
  // Redacting before the cut, so that a part of a secret cannot remain.
  const text = redact(
    value
      .slice(0, charactersMax * 8)
      .toWellFormed()
      .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\s]+/gu, ' '),
  ).trim();
  if (text === '') return null;
  return cutText(text, charactersMax);
}
