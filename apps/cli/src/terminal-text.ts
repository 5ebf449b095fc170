import { cutText } from '@prodigon/contracts';

/**
 * Removes control characters except newlines and tabs, and characters that reorder text, so that a model, a file or a job
 * name cannot control the terminal.
 */
export const toTerminalText = (text: string): string => text.replace(/[^\P{Cc}\n\t]|\p{Bidi_Control}/gu, '');

/** Returns untrusted text as part of one line, cut to `charactersMax`. */
export function asOneLine(text: string, charactersMax: number): string {
  const line = toTerminalText(cutText(text, 4 * charactersMax, ''))
    .replace(/\s+/g, ' ')
    .trim();
  return cutText(line, charactersMax);
}

/** Returns a stream whose `write` removes what could control the terminal. Streams to files and pipes stay unchanged. */
export function createTerminalOutput(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  if (!stream.isTTY) return stream;
  const decoder = new TextDecoder();
  const write = (chunk: string | Uint8Array): boolean =>
    stream.write(toTerminalText(typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })));
  return new Proxy(stream, {
    get(target, name) {
      if (name === 'write') return write;
      const value = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
