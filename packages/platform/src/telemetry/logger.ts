import { createRequire } from 'node:module';
import pino, { type DestinationStream, type Logger } from 'pino';
import type pretty from 'pino-pretty';
import { describeError } from './failure-log.ts';

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
const CREDENTIAL = /\b(?:Bearer\s+[\w.~+/-]{8,}=*|(?:sk|gsk|pk|rk)[-_][\w*-]{8,}|prodigon_[0-9A-Za-z]{39})/g;
const REDACTED = '[redacted]';

/**
 * Creates a logger that writes one JSON object per line, or readable lines when standard output is a terminal. Messages of
 * errors in the field `err` are left out, because they may quote prompts; see `logFailure`.
 */
export function createLogger({ service, level, secrets, destination }: LoggerOptions): Logger {
  const redact = createRedactor(secrets);
  return pino(
    {
      level,
      base: { service, pid: process.pid },
      timestamp: isoTime,
      serializers: { err: describeError },
      hooks: { streamWrite: redact },
    },
    destination ?? openStandardOutput(),
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
/** Maximum length of the lines that wait while the output cannot be written. Further lines are lost. */
const UNWRITTEN_CHARACTERS_MAX = 1 << 20;

/**
 * Buffers standard output, because one system call per line costs more than formatting the line. A process that is
 * killed with SIGKILL loses the lines of its last 100 ms.
 */
function bufferedOutput(): DestinationStream {
  const destination = pino.destination({ dest: 1, sync: true, maxLength: UNWRITTEN_CHARACTERS_MAX });
  // A full disk must not end the process. The lines are written when there is space again.
  destination.on('error', () => {});
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

let standardOutput: DestinationStream | undefined;
/** Returns the standard output, which all loggers of the process share. */
function openStandardOutput(): DestinationStream {
  const { stdout } = process;
  // Respects NO_COLOR and FORCE_COLOR.
  standardOutput ??= stdout.isTTY ? createReadableOutput({ isColored: stdout.hasColors() }) : bufferedOutput();
  return standardOutput;
}

/** Characters that control a terminal or reorder its text. The messages of a terminal log are one line. */
const TERMINAL_CONTROLS = /\p{Cc}|\p{Bidi_Control}/gu;

export interface ReadableOutputOptions {
  readonly isColored: boolean;
  /** Standard output by default. */
  readonly destination?: DestinationStream | 1;
}

/** Creates an output of readable lines. A text in a log, such as the id of a model, cannot control the terminal. */
export function createReadableOutput({ isColored, destination = 1 }: ReadableOutputOptions): DestinationStream {
  // Loaded only for a terminal, so that other processes start faster.
  const createPretty: typeof pretty = createRequire(import.meta.url)('pino-pretty');
  const lines = createPretty({
    destination,
    colorize: isColored,
    sync: true,
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss.l',
    // The message repeats these, or only programs read them.
    ignore: 'pid,service,method,route,status,trace_id,url',
    messageFormat: ({ service, msg }) => `${service}: ${String(msg ?? '').replace(TERMINAL_CONTROLS, ' ')}`,
  });
  // Fields are printed as JSON, which escapes all but these.
  return { write: (line) => lines.write(`${line.trimEnd().replace(TERMINAL_CONTROLS, '')}\n`) };
}
