import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface RawRequest {
  readonly socket: Socket;
  /** Resolves with all received text when the connection has closed. */
  readonly response: Promise<string>;
}

/** Opens a connection and sends bytes. Destroys the connection when the test ends. */
export function openRaw(url: string, bytes: string | Uint8Array): RawRequest {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  socket.write(bytes);
  return {
    socket,
    get response() {
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

/** Returns the text of an HTTP/1.1 POST request. */
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
