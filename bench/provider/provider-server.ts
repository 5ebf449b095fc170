import type { Socket } from 'node:net';
import { createBurstTurns } from './burst-turns.ts';
import { openStream } from './open-stream.ts';
import { createPacedWheel } from './paced-wheel.ts';
import type { ProviderRequest } from './read-requests.ts';
import { completionOf, modelList, rejectionOf, type StreamShape, streamEvents } from './responses.ts';

/** GET tells how many streams have not ended, DELETE breaks those off and tells how many they were. */
export const OPEN_STREAMS_PATH = '/open-streams';

/** Answers are made once and kept; the measurements ask for a few different ones. */
const KEPT_MAX = 64;

export interface AnswerOptions {
  /** Lines of the head that each answer has, e.g. `x-name: value\r\n`. */
  readonly headers: string;
}

export interface Answering {
  answer(socket: Socket, request: ProviderRequest): void;
  refuse(socket: Socket, status: string, message: string): void;
}

/**
 * Answers as OpenAI would, from buffers that are made before they are needed. Streams say by the model's name how they
 * come: `burst-<tokens>` as fast as the event loop turns, `paced-5-<tokens>` and `paced-50-<tokens>` at so many tokens a second.
 */
export function createAnswering({ headers }: AnswerOptions): Answering {
  const paces = {
    burst: createBurstTurns(),
    'paced-5': createPacedWheel(5),
    'paced-50': createPacedWheel(50),
  };
  const whole = kept((model) => withHead('200 OK', completionOf(model)));
  const events = kept((key) => streamEvents(JSON.parse(key) as StreamShape));
  const open = new Set<Socket>();
  const models = withHead('200 OK', modelList(['burst-200', 'paced-50-500']));
  const streamHead = Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n${headers}transfer-encoding: chunked\r\n\r\n`,
  );

  function withHead(status: string, body: Buffer): Buffer {
    const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\n${headers}content-length: ${body.length}\r\n\r\n`;
    return Buffer.concat([Buffer.from(head), body]);
  }

  function refuse(socket: Socket, status: string, message: string): void {
    socket.write(withHead(status, rejectionOf(message)));
  }

  function complete(socket: Socket, body: Buffer): void {
    const { model, stream, stream_options } = JSON.parse(body.toString());
    const [, pace, tokens] = /^(burst|paced-5|paced-50)-(\d{1,5})$/.exec(model) ?? [];
    if (!pace) refuse(socket, '404 Not Found', `The model ${model} does not exist.`);
    else if (stream !== true) socket.write(whole(model));
    else {
      const shape: StreamShape = { model, tokens: Number(tokens), includeUsage: stream_options?.include_usage === true };
      socket.write(streamHead);
      open.add(socket);
      const onEnd = () => void open.delete(socket);
      paces[pace as keyof typeof paces].add(openStream(socket, events(JSON.stringify(shape)), onEnd));
    }
  }

  return {
    refuse,
    answer(socket, { method, path, body }) {
      if (method === 'POST' && path === '/v1/chat/completions') complete(socket, body);
      else if (method === 'GET' && path === '/v1/models') socket.write(models);
      else if (path === OPEN_STREAMS_PATH) {
        socket.write(withHead('200 OK', Buffer.from(JSON.stringify({ open: open.size }))));
        if (method === 'DELETE') for (const each of open) each.destroy();
      } else refuse(socket, '404 Not Found', `There is no ${method} ${path}.`);
    },
  };
}

function kept<Value>(make: (key: string) => Value): (key: string) => Value {
  const values = new Map<string, Value>();
  return (key) => {
    const known = values.get(key);
    if (known !== undefined) return known;
    if (values.size === KEPT_MAX) values.clear();
    const made = make(key);
    values.set(key, made);
    return made;
  };
}
