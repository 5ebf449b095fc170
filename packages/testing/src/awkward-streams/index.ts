import { readdirSync, readFileSync } from 'node:fs';

export interface UnusualStream {
  /** What is awkward about it, e.g. `plain-crlf`. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The one that says the same in an ordinary way, where there is one. */
  readonly readsAs: string | undefined;
}

const FOLDER = import.meta.dirname;
const SUFFIX = '.sse';

/**
 * Server-sent events as no careful server writes them, byte for byte: other line ends, comments, marks of
 * byte order, broken characters, ends that are none. Files named `plain-…` say what `plain` says, those
 * named `events-crlf` what `events` says.
 */
export const UNUSUAL_STREAMS: readonly UnusualStream[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith(SUFFIX))
  .sort()
  .map((file) => {
    const name = file.slice(0, -SUFFIX.length);
    const readsAs = /^plain-/.test(name) ? 'plain' : name === 'events-crlf' ? 'events' : undefined;
    return { name, bytes: readFileSync(`${FOLDER}/${file}`), readsAs };
  });

/** The stream of that name; throws when there is none. */
export function unusualStream(name: string): UnusualStream {
  const stream = UNUSUAL_STREAMS.find((each) => each.name === name);
  if (!stream) throw new Error(`There is no awkward stream ${name}.`);
  return stream;
}
