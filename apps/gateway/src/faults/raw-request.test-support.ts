import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface RawRequest {
  readonly socket: Socket;
  /** Resolves with all received text once the other side has closed. */
  readonly answer: Promise<string>;
}

/** Opens a connection and sends these bytes. It is destroyed when the test ends. */
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

/** Sends a request and never reads the response. */
export function openUnread(url: string, path: string, body: object): Socket {
  const { socket } = openRaw(url, postOf(path, JSON.stringify(body)));
  socket.pause();
  return socket;
}

/** Returns an HTTP/1.1 request as text, so that a test can send a part of it. */
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
