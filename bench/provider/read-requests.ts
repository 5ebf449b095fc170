import type { Socket } from 'node:net';

export interface ProviderRequest {
  readonly method: string;
  readonly path: string;
  /** The body; empty without a content-length. */
  readonly body: Buffer;
}

const END_OF_HEAD = '\r\n\r\n';
const NOTHING = Buffer.alloc(0);

/**
 * Parses the HTTP/1.1 requests of a connection, limited to what the measured clients send, because a complete parser would
 * cost more than the responses. Calls `onUnknownLength` for a body without content-length, otherwise `onRequest`.
 */
export function readRequests(
  socket: Socket,
  { onRequest, onUnknownLength }: { onRequest: (request: ProviderRequest) => void; onUnknownLength: () => void },
): void {
  let pending: Buffer = NOTHING;
  socket.on('data', (part: Buffer) => {
    pending = pending.length === 0 ? part : Buffer.concat([pending, part]);
    for (;;) {
      const endOfHead = pending.indexOf(END_OF_HEAD);
      if (endOfHead < 0) return;
      const head = pending.toString('latin1', 0, endOfHead);
      if (/^transfer-encoding:/im.test(head)) return onUnknownLength();
      const begin = endOfHead + END_OF_HEAD.length;
      const end = begin + Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
      if (pending.length < end) return;
      const body = pending.subarray(begin, end);
      pending = pending.subarray(end);
      const [method = '', path = ''] = head.split(' ', 2);
      onRequest({ method, path, body });
    }
  });
}
