import { createRequire } from 'node:module';
import pino, { type DestinationStream, type Logger } from 'pino';
import type pretty from 'pino-pretty';

export type { Logger };

export interface LoggerOptions {
  service: string;
  level: string;
  /** Values that must never be written, whatever put them into a line. */
  secrets: readonly string[];
  /** Standard output by default. */
  destination?: DestinationStream;
}

/** Also as providers repeat them, with stars in place of their middle. */
const CREDENTIAL = /\b(?:Bearer\s+[\w.~+/-]{8,}=*|(?:sk|gsk|pk|rk)[-_][\w*-]{8,})/g;
const REDACTED = '[redacted]';

/** Writes one JSON object a line, or readable lines when standard output is a terminal. */
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
    destination ?? (process.stdout.isTTY ? readable() : inBlocks()),
  );
}

/** Takes known secrets, and whatever looks like a provider's key, out of a text. */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const known = secrets.filter((secret) => secret.length >= 8);
  return (text) => {
    let clean = text.replace(CREDENTIAL, REDACTED);
    for (const secret of known) if (clean.includes(secret)) clean = clean.replaceAll(secret, REDACTED);
    return clean;
  };
}

/** All but the milliseconds is the same for a second. */
let second = 0;
let beginning = '';
function isoTime(): string {
  const now = Date.now();
  const milliseconds = now % 1_000;
  if (now - milliseconds !== second) {
    second = now - milliseconds;
    beginning = `,"time":"${new Date(now).toISOString().slice(0, -4)}`;
  }
  return `${beginning}${String(milliseconds).padStart(3, '0')}Z"`;
}

const BLOCK_CHARACTERS = 16_384;
const FLUSH_AFTER_MS = 100;

/**
 * Standard output in blocks: a call of the system for each line cost more than making the line. What a process has
 * logged in its last 100 ms is lost when it is killed with -9.
 */
function inBlocks(): DestinationStream {
  const destination = pino.destination({ dest: 1, sync: true });
  let block = '';
  let isTimed = false;
  const flush = () => {
    if (block !== '') destination.write(block);
    block = '';
  };
  const flushLater = () => {
    isTimed = false;
    flush();
  };
  process.on('exit', flush);
  return {
    write(line) {
      block += line;
      if (block.length > BLOCK_CHARACTERS) return flush();
      if (isTimed) return;
      isTimed = true;
      setTimeout(flushLater, FLUSH_AFTER_MS).unref();
    },
  };
}

function readable(): DestinationStream {
  // Loaded only for a terminal, because every other start would pay for it too.
  const makeReadable: typeof pretty = createRequire(import.meta.url)('pino-pretty');
  return makeReadable({
    colorize: true,
    sync: true,
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss.l',
    // What the message says already, or what only machines look for.
    ignore: 'pid,service,method,route,status,trace_id,url',
    messageFormat: '{service}: {msg}',
  });
}
