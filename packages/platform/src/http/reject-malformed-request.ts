import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { AppError } from '@prodigon/contracts';

/**
 * Answers what is no HTTP with a 400 and ends the connection. Where an answer has begun on it already, it is only
 * ended: a second one would land in the middle of the first.
 */
export function rejectMalformedRequest(error: Error, socket: Socket): void {
  // Node keeps it under this name, and looks there itself where nobody listens for errors of clients.
  const { _httpMessage: answer } = socket as Socket & { _httpMessage?: ServerResponse | null };
  const isGone = (error as NodeJS.ErrnoException).code === 'ECONNRESET' || !socket.writable;
  if (isGone || answer?.headersSent) return void socket.destroy();
  const requestId = randomUUID();
  const body = JSON.stringify(new AppError('BAD_REQUEST').toBody(requestId));
  const head = [
    'HTTP/1.1 400 Bad Request',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${body.length}`,
    `X-Request-ID: ${requestId}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
