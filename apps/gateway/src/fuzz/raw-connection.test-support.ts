import { connect } from 'node:net';

export interface RawResponse {
  readonly status: number;
  /** Values by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** False when the connection closed before the end of the response. */
  readonly isComplete: boolean;
}

export interface ConnectionResult {
  readonly responses: readonly RawResponse[];
  /** Received bytes that are not HTTP. */
  readonly rest: string;
  /** Whether the server neither responded nor closed the connection in time. */
  readonly hasTimedOut: boolean;
}

export interface ConnectionOptions {
  port: number;
  parts: readonly Buffer[];
  /** Number of responses to wait for. Infinity waits until the connection closes. */
  responsesMax: number;
  /** Whether the client half-closes the connection after a response, or when the server seems to wait for more bytes. */
  endsAfterwards: boolean;
  isHead: boolean;
}

const TIMEOUT_MS = 60_000;
/** Node.js drops pending requests when the client half-closes the connection, so the client waits first. */
const HALF_CLOSE_DELAY_MS = 100;
/** Maximum bytes of one read in Node.js. */
const READ_BYTES = 65_536;
const PAUSE_MS = 20;

/** Sends bytes unchanged over a new connection and parses the responses strictly. */
export function sendRaw({ port, parts, responsesMax, endsAfterwards, isHead }: ConnectionOptions): Promise<ConnectionResult> {
  const { promise, resolve } = Promise.withResolvers<ConnectionResult>();
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let received = '';
  const finish = (isClosed: boolean, hasTimedOut = false) => {
    clearTimeout(timer);
    clearTimeout(halfClosing);
    clearTimeout(checking);
    socket.destroy();
    resolve({ ...parseResponses(received, { isHead, isClosed }), hasTimedOut });
  };
  const timer = setTimeout(() => finish(false, true), TIMEOUT_MS);
  let halfClosing: NodeJS.Timeout | undefined;
  let checking: NodeJS.Timeout | undefined;
  socket.setEncoding('latin1');
  // A server that rejects a request stops reading, so that writing the rest may fail.
  socket.on('error', () => {});
  socket.on('close', () => finish(true));
  const check = () => {
    const completed = countComplete(parseResponses(received, { isHead, isClosed: false }).responses);
    if (completed >= responsesMax) finish(false);
    else if (completed > 0 && halfClosing) socket.end();
  };
  socket.on('data', (text: string) => {
    received += text;
    clearTimeout(checking);
    // Each check parses everything again, so that a long response is only parsed when it pauses.
    if (text.length < READ_BYTES) check();
    else checking = setTimeout(check, PAUSE_MS);
  });
  void write();
  return promise;

  async function write(): Promise<void> {
    for (const part of parts) {
      if (socket.destroyed) return;
      await new Promise<void>((written) => socket.write(part, () => setImmediate(written)));
    }
    if (endsAfterwards) halfClosing = setTimeout(() => socket.end(), HALF_CLOSE_DELAY_MS);
  }
}

const countComplete = (responses: readonly RawResponse[]) => responses.filter(({ isComplete }) => isComplete).length;

function parseResponses(text: string, { isHead, isClosed }: { isHead: boolean; isClosed: boolean }) {
  const responses: RawResponse[] = [];
  let rest = text;
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n');
    const head = /^HTTP\/1\.1 (\d{3})(?: [^\r\n]*)?\r\n/.exec(rest);
    if (!head || end < 0) break;
    const status = Number(head[1]);
    const lines = rest
      .slice(head[0].length, end + 2)
      .split('\r\n')
      .slice(0, -1);
    const headers = Object.fromEntries(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    const afterHead = rest.slice(end + 4);
    const isInterim = status < 200;
    const body = isHead || isInterim || status === 204 || status === 304 ? noBody : bodyOf(headers, afterHead, isClosed);
    if (!isInterim)
      responses.push({
        status,
        headers,
        isComplete: body.isComplete,
        body: Buffer.from(body.text(afterHead), 'latin1').toString(),
      });
    rest = body.isComplete ? afterHead.slice(body.length) : (body.rest ?? '');
  }
  return { responses, rest };
}

interface ParsedBody {
  readonly length: number;
  readonly isComplete: boolean;
  /** Bytes at the position of the next chunk that are not a chunk. */
  readonly rest?: string;
  text(afterHead: string): string;
}

const noBody: ParsedBody = { length: 0, isComplete: true, text: () => '' };

function bodyOf(headers: Readonly<Record<string, string>>, afterHead: string, isClosed: boolean): ParsedBody {
  if (headers['transfer-encoding'] === 'chunked') return chunkedBody(afterHead);
  const length = Number(headers['content-length'] ?? Number.NaN);
  if (Number.isNaN(length)) return { length: afterHead.length, isComplete: isClosed, text: () => afterHead };
  return { length, isComplete: afterHead.length >= length, text: () => afterHead.slice(0, length) };
}

function chunkedBody(afterHead: string): ParsedBody {
  let text = '';
  let at = 0;
  for (;;) {
    const next = afterHead.slice(at, at + 20);
    const size = /^([0-9a-f]+)\r\n/i.exec(next);
    if (!size)
      return { length: at, isComplete: false, rest: /^[0-9a-f]*\r?$/i.test(next) ? '' : afterHead.slice(at), text: () => text };
    const from = at + size[0].length;
    const length = Number.parseInt(size[1] ?? '', 16);
    if (length === 0) {
      const end = afterHead.startsWith('\r\n', from) ? from : afterHead.indexOf('\r\n\r\n', from) + 2;
      return { length: end + 2, isComplete: end >= from, text: () => text };
    }
    text += afterHead.slice(from, from + length);
    at = from + length + 2;
    if (at > afterHead.length) return { length: at, isComplete: false, text: () => text };
  }
}
