import { createRequire } from 'node:module';
import { type AppError, ERROR_CODES } from '@prodigon/contracts';
import pino, { type DestinationStream, type Logger } from 'pino';
import type pretty from 'pino-pretty';

export type { Logger };

export interface LoggerOptions {
  service: string;
  level: string;
  /** Values that are redacted from every line. */
  secrets: readonly string[];
  /** Defaults to standard output. */
  destination?: DestinationStream;
}

/** Matches API keys, including keys that providers mask with asterisks. */
const CREDENTIAL = /\b(?:Bearer\s+[\w.~+/-]{8,}=*|(?:sk|gsk|pk|rk)[-_][\w*-]{8,})/g;
const REDACTED = '[redacted]';

/** Creates a logger that writes one JSON object per line, or readable lines when standard output is a terminal. */
export function createLogger({ service, level, secrets, destination }: LoggerOptions): Logger {
  const redact = createRedactor(secrets);
  return pino(
    {
      level,
      base: { service, pid: process.pid },
      timestamp: isoTime,
      serializers: { err: pino.stdSerializers.errWithCause },
      hooks: { streamWrite: redact },
    },
    destination ?? (process.stdout.isTTY ? readableOutput() : bufferedOutput()),
  );
}

/** Returns a function that redacts the given secrets, and anything that looks like a provider's key, from a text. */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const known = secrets.filter((secret) => secret.length >= 8);
  return (text) => {
    let clean = text.replace(CREDENTIAL, REDACTED);
    for (const secret of known) if (clean.includes(secret)) clean = clean.replaceAll(secret, REDACTED);
    return clean;
  };
}

let second = 0;
let prefix = '';
/** Returns the `time` field of a log line. Formats the date and seconds only once per second. */
function isoTime(): string {
  const now = Date.now();
  const milliseconds = now % 1_000;
  if (now - milliseconds !== second) {
    second = now - milliseconds;
    prefix = `,"time":"${new Date(now).toISOString().slice(0, -4)}`;
  }
  return `${prefix}${String(milliseconds).padStart(3, '0')}Z"`;
}

const BUFFER_CHARACTERS = 16_384;
const FLUSH_INTERVAL_MS = 100;

/**
 * Buffers standard output, because one system call per line costs more than formatting the line. A process that is
 * killed with SIGKILL loses the lines of its last 100 ms.
 */
function bufferedOutput(): DestinationStream {
  const destination = pino.destination({ dest: 1, sync: true });
  let buffer = '';
  let isScheduled = false;
  const flush = () => {
    if (buffer !== '') destination.write(buffer);
    buffer = '';
  };
  const flushLater = () => {
    isScheduled = false;
    flush();
  };
  process.on('exit', flush);
  return {
    write(line) {
      buffer += line;
      if (buffer.length > BUFFER_CHARACTERS) return flush();
      if (isScheduled) return;
      isScheduled = true;
      setTimeout(flushLater, FLUSH_INTERVAL_MS).unref();
    },
  };
}

function readableOutput(): DestinationStream {
  // Loaded only for a terminal, so that other processes start faster.
  const createPretty: typeof pretty = createRequire(import.meta.url)('pino-pretty');
  return createPretty({
    colorize: true,
    sync: true,
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss.l',
    // The message repeats these, or only programs read them.
    ignore: 'pid,service,method,route,status,trace_id,url',
    messageFormat: '{service}: {msg}',
  });
}

/** The log fields of a cause. */
export interface CauseFields {
  readonly err?: unknown;
  readonly cause?: string;
  readonly provider_status?: number | null;
  readonly provider_code?: string | null;
  readonly provider_param?: string | null;
  /** The length of the text that the provider sent. */
  readonly provider_text_characters?: number;
}

/**
 * Returns the log fields for the cause of a failure. Client errors (status below 500) need no cause, and only internal
 * errors need a stack trace. Texts of providers and of parsers may quote prompts and responses, so they are left out.
 */
export function describeCause({ code, cause }: AppError): CauseFields {
  if (cause === undefined) return {};
  if (isProviderResponse(cause)) {
    const { status, providerCode, param, text } = cause;
    return {
      provider_status: status,
      provider_code: providerCode,
      provider_param: param,
      provider_text_characters: text.length,
    };
  }
  if (ERROR_CODES[code].status < 500) return {};
  if (quotesInput(cause)) return { cause: nameOf(cause) };
  if (code === 'INTERNAL_ERROR') return { err: cause };
  return { cause: cause instanceof Error ? `${cause.name}: ${cause.message}` : nameOf(cause) };
}

/** The response of a provider as a cause, by its shape: this package does not depend on the providers. */
interface ProviderResponse {
  readonly status: number | null;
  readonly providerCode: string | null;
  readonly param: string | null;
  readonly text: string;
}

function isProviderResponse(cause: unknown): cause is ProviderResponse {
  return cause instanceof Error && cause.name === 'ProviderResponseError' && 'text' in cause;
}

/** `JSON.parse` and Zod quote what they could not read. */
function quotesInput(cause: unknown): boolean {
  return cause instanceof SyntaxError || (cause instanceof Error && cause.name === 'ZodError');
}

function nameOf(cause: unknown): string {
  return cause instanceof Error ? cause.name : typeof cause;
}
