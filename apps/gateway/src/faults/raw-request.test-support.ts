import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface RawRequest {
  readonly socket: Socket;
  /** Resolves with all that came, once the other side has closed. */
  readonly answer: Promise<string>;
}

/** A connection that sends these bytes as they are, and asks for no more. It is destroyed with the test. */
export function openRaw(url: string, bytes: string | Uint8Array): RawRequest {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  socket.write(bytes);
  return {
    socket,
    get answer() {
      return readToEnd(socket);
    },
  };
}

/** A connection that asks and never reads a byte of what it gets. */
export function openUnread(url: string, path: string, body: object): Socket {
  const { socket } = openRaw(url, postOf(path, JSON.stringify(body)));
  socket.pause();
  return socket;
}

/** As bytes, so that a test can send a part of it. */
export function postOf(path: string, body: string, headers: Record<string, string> = {}): string {
  const all = {
    Host: '127.0.0.1',
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(body)),
    Connection: 'close',
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

function readToEnd(socket: Socket): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = '';
  socket.setEncoding('latin1').on('data', (part: string) => (text += part));
  socket.once('close', () => resolve(text));
  return promise;
}
