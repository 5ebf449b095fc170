import { readdirSync, readFileSync } from 'node:fs';

export interface UnusualStream {
  /** Names the peculiarity, e.g. `plain-crlf`. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Name of an ordinary stream with the same events; undefined without one. */
  readonly readsAs: string | undefined;
}

const FOLDER = import.meta.dirname;
const SUFFIX = '.sse';

/**
 * Valid and invalid server-sent events that few servers send, byte for byte: unusual line ends, comments, byte order
 * marks, invalid characters and incomplete ends. The events of `plain-…` are those of `plain`, and the events of
 * `events-crlf` are those of `events`.
 */
export const UNUSUAL_STREAMS: readonly UnusualStream[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith(SUFFIX))
  .sort()
  .map((file) => {
    const name = file.slice(0, -SUFFIX.length);
    const readsAs = /^plain-/.test(name) ? 'plain' : name === 'events-crlf' ? 'events' : undefined;
    return { name, bytes: readFileSync(`${FOLDER}/${file}`), readsAs };
  });

/** Returns the stream of a name. Throws for an unknown name. */
export function unusualStream(name: string): UnusualStream {
  const stream = UNUSUAL_STREAMS.find((each) => each.name === name);
  if (!stream) throw new Error(`There is no stream ${name}.`);
  return stream;
}
