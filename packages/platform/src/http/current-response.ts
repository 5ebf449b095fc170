import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Returns the response in progress on a connection of HTTP/1.1. Node keeps it under this name, and reads it itself. */
export function currentResponse(socket: Socket): ServerResponse | undefined {
  const { _httpMessage: response } = socket as Socket & { _httpMessage?: ServerResponse | null };
  return response ?? undefined;
}
