import { connect } from 'node:net';

export interface RawResponse {
  readonly status: number;
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** False when the connection ended before the response did. */
  readonly isWhole: boolean;
}

export interface RawConversation {
  readonly answers: readonly RawResponse[];
  /** Received bytes that are not HTTP. */
  readonly rest: string;
  /** The server neither answered nor closed the connection in time. */
  readonly hasHung: boolean;
}

export interface ConversationOptions {
  port: number;
  parts: readonly Buffer[];
  /** The number of responses to wait for; Infinity waits for the end of the connection. */
  answersMax: number;
  /** Half-close the connection once the server has answered or seems to wait for more. */
  endsAfterwards: boolean;
  isHead: boolean;
}

const WITHIN_MS = 60_000;
/** Node drops unanswered requests when the client half-closes, so this leaves it time to answer. */
const END_AFTER_MS = 100;
/** The size of one read in Node. */
const READ_BYTES = 65_536;
const PAUSE_MS = 20;

/** Sends exactly these bytes over a new connection and parses the responses strictly. */
export function converse({ port, parts, answersMax, endsAfterwards, isHead }: ConversationOptions): Promise<RawConversation> {
  const { promise, resolve } = Promise.withResolvers<RawConversation>();
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let received = '';
  const finish = (isClosed: boolean, hasHung = false) => {
    clearTimeout(timer);
    clearTimeout(ending);
    clearTimeout(looking);
    socket.destroy();
    resolve({ ...readAnswers(received, { isHead, isClosed }), hasHung });
  };
  const timer = setTimeout(() => finish(false, true), WITHIN_MS);
  let ending: NodeJS.Timeout | undefined;
  let looking: NodeJS.Timeout | undefined;
  socket.setEncoding('latin1');
  // A server that has rejected a request stops reading, which is an error only while the client writes.
  socket.on('error', () => {});
  socket.on('close', () => finish(true));
  const look = () => {
    const answered = count(readAnswers(received, { isHead, isClosed: false }).answers);
    if (answered >= answersMax) finish(false);
    else if (answered > 0 && ending) socket.end();
  };
  socket.on('data', (text: string) => {
    received += text;
    clearTimeout(looking);
    // All of it is read anew each time, so a long answer is only looked at where it pauses.
    if (text.length < READ_BYTES) look();
    else looking = setTimeout(look, PAUSE_MS);
  });
  void say();
  return promise;

  async function say(): Promise<void> {
    for (const part of parts) {
      if (socket.destroyed) return;
      await new Promise<void>((written) => socket.write(part, () => setImmediate(written)));
    }
    if (endsAfterwards) ending = setTimeout(() => socket.end(), END_AFTER_MS);
  }
}

const count = (answers: readonly RawResponse[]) => answers.filter(({ isWhole }) => isWhole).length;

function readAnswers(text: string, { isHead, isClosed }: { isHead: boolean; isClosed: boolean }) {
  const answers: RawResponse[] = [];
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
    const behind = rest.slice(end + 4);
    const isInterim = status < 200;
    const body = isHead || isInterim || status === 204 || status === 304 ? noBody : bodyOf(headers, behind, isClosed);
    if (!isInterim)
      answers.push({ status, headers, isWhole: body.isWhole, body: Buffer.from(body.text(behind), 'latin1').toString() });
    rest = body.isWhole ? behind.slice(body.length) : (body.rest ?? '');
  }
  return { answers, rest };
}

interface FoundBody {
  readonly length: number;
  readonly isWhole: boolean;
  /** What stands where the next chunk should begin. */
  readonly rest?: string;
  text(behind: string): string;
}

const noBody: FoundBody = { length: 0, isWhole: true, text: () => '' };

function bodyOf(headers: Readonly<Record<string, string>>, behind: string, isClosed: boolean): FoundBody {
  if (headers['transfer-encoding'] === 'chunked') return chunkedBody(behind);
  const length = Number(headers['content-length'] ?? Number.NaN);
  if (Number.isNaN(length)) return { length: behind.length, isWhole: isClosed, text: () => behind };
  return { length, isWhole: behind.length >= length, text: () => behind.slice(0, length) };
}

function chunkedBody(behind: string): FoundBody {
  let text = '';
  let at = 0;
  for (;;) {
    const next = behind.slice(at, at + 20);
    const size = /^([0-9a-f]+)\r\n/i.exec(next);
    if (!size)
      return { length: at, isWhole: false, rest: /^[0-9a-f]*\r?$/i.test(next) ? '' : behind.slice(at), text: () => text };
    const from = at + size[0].length;
    const length = Number.parseInt(size[1] ?? '', 16);
    if (length === 0) {
      const end = behind.startsWith('\r\n', from) ? from : behind.indexOf('\r\n\r\n', from) + 2;
      return { length: end + 2, isWhole: end >= from, text: () => text };
    }
    text += behind.slice(from, from + length);
    at = from + length + 2;
    if (at > behind.length) return { length: at, isWhole: false, text: () => text };
  }
}
