import type { Socket } from 'node:net';
import { createBurstWriter } from './burst-writer.ts';
import { openStream } from './open-stream.ts';
import type { ProviderRequest } from './read-requests.ts';
import { completionOf, errorBodyOf, modelList, type StreamShape, streamEvents } from './responses.ts';
import { createTimingWheel } from './timing-wheel.ts';

/** GET returns the number of open streams. DELETE also closes them. */
export const OPEN_STREAMS_PATH = '/open-streams';

/** Maximum cached responses. Measurements request only a few different ones. */
const CACHE_MAX = 64;

export interface HandlerOptions {
  /** Header lines of each response, e.g. `x-name: value\r\n`. */
  readonly headers: string;
}

export interface ProviderHandler {
  respond(socket: Socket, request: ProviderRequest): void;
  reject(socket: Socket, status: string, message: string): void;
}

/**
 * Creates a request handler with the API of OpenAI, which responds from cached buffers. The model name determines the pace
 * of a stream: `burst-<tokens>` at full speed, `paced-5-<tokens>` and `paced-50-<tokens>` at 5 and 50 tokens a second.
 */
export function createProviderHandler({ headers }: HandlerOptions): ProviderHandler {
  const paces = {
    burst: createBurstWriter(),
    'paced-5': createTimingWheel(5),
    'paced-50': createTimingWheel(50),
  };
  const completions = memoize((model) => withHeaders('200 OK', completionOf(model)));
  const events = memoize((key) => streamEvents(JSON.parse(key) as StreamShape));
  const open = new Set<Socket>();
  const models = withHeaders('200 OK', modelList(['burst-200', 'paced-50-500']));
  const streamHead = Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n${headers}transfer-encoding: chunked\r\n\r\n`,
  );

  function withHeaders(status: string, body: Buffer): Buffer {
    const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\n${headers}content-length: ${body.length}\r\n\r\n`;
    return Buffer.concat([Buffer.from(head), body]);
  }

  function reject(socket: Socket, status: string, message: string): void {
    socket.write(withHeaders(status, errorBodyOf(message)));
  }

  function complete(socket: Socket, body: Buffer): void {
    const { model, stream, stream_options } = JSON.parse(body.toString());
    const [, pace, tokens] = /^(burst|paced-5|paced-50)-(\d{1,5})$/.exec(model) ?? [];
    if (!pace) reject(socket, '404 Not Found', `The model ${model} does not exist.`);
    else if (stream !== true) socket.write(completions(model));
    else {
      const shape: StreamShape = { model, tokens: Number(tokens), includeUsage: stream_options?.include_usage === true };
      socket.write(streamHead);
      open.add(socket);
      const onEnd = () => void open.delete(socket);
      paces[pace as keyof typeof paces].add(openStream(socket, events(JSON.stringify(shape)), onEnd));
    }
  }

  return {
    reject,
    respond(socket, { method, path, body }) {
      if (method === 'POST' && path === '/v1/chat/completions') complete(socket, body);
      else if (method === 'GET' && path === '/v1/models') socket.write(models);
      else if (path === OPEN_STREAMS_PATH) {
        socket.write(withHeaders('200 OK', Buffer.from(JSON.stringify({ open: open.size }))));
        if (method === 'DELETE') for (const each of open) each.destroy();
      } else reject(socket, '404 Not Found', `There is no ${method} ${path}.`);
    },
  };
}

function memoize<Value>(make: (key: string) => Value): (key: string) => Value {
  const values = new Map<string, Value>();
  return (key) => {
    const known = values.get(key);
    if (known !== undefined) return known;
    if (values.size === CACHE_MAX) values.clear();
    const made = make(key);
    values.set(key, made);
    return made;
  };
}
