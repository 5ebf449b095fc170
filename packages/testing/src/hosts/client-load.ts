import { setTimeout as wait } from 'node:timers/promises';
import { echoOf } from '../fault-provider/paced-models.ts';
import { API_KEY } from './platform-hosts.ts';

/**
 * What a client saw of one request:
 * - `complete`: the whole text and the end mark.
 * - `rejected`: an HTTP error before any text.
 * - `interrupted`: an error event in a stream, or a connection that broke during the response.
 * - `silent`: the client received no byte for longer than two heartbeats, and gave up.
 * - `unreachable`: no connection to any gateway, or only rejections before processing.
 * - `wrong`: a response that looks complete but is not.
 */
export type RequestResult = 'complete' | 'rejected' | 'interrupted' | 'silent' | 'unreachable' | 'wrong';

/** A streamed response, a complete response, or a read of the list of jobs. */
export type RequestKind = 'stream' | 'request' | 'read';

export interface RequestOutcome {
  readonly kind: RequestKind;
  /** Empty for reads. */
  readonly prompt: string;
  readonly result: RequestResult;
  /** Times by `performance.now()`. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Milliseconds until the first text, or until the whole body of a read. Null if the client received none. */
  readonly firstTextMs: number | null;
  /** Whether the request went to the other gateway because the first one had not begun it. */
  readonly hasSwitched: boolean;
  readonly detail?: string;
}

export interface ClientLoad {
  readonly outcomes: readonly RequestOutcome[];
  /** Stops sending requests. Resolves when the last request has ended. */
  stop(): Promise<void>;
}

const CLIENTS: Readonly<Record<RequestKind, number>> = { stream: 20, request: 4, read: 2 };
const READ_EVERY_MS = 100;
const STREAM_WORDS = 40;
/** The gateway sends a heartbeat after 15 seconds without text. */
const IDLE_TIMEOUT_MS = 32_000;
const CONNECT_CODES = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

/**
 * Keeps 20 streams and 4 short requests open, and reads the list of jobs with 2 clients. Each client sends its next request to
 * the other gateway.
 */
export function startClientLoad(gatewayUrls: readonly string[], name: string): ClientLoad {
  const outcomes: RequestOutcome[] = [];
  let isDone = false;

  async function runClient(kind: RequestKind, client: number): Promise<void> {
    for (let turn = 0; !isDone; turn += 1) {
      const words = Array.from({ length: kind === 'stream' ? STREAM_WORDS : 3 }, (_, index) => `word${index}`);
      const prompt = kind === 'read' ? '' : [name, kind, client, turn, ...words].join(' ');
      const first = (client + turn) % gatewayUrls.length;
      const urls = [...gatewayUrls.slice(first), ...gatewayUrls.slice(0, first)];
      const outcome = await sendWithFailover(kind, urls, prompt);
      outcomes.push(outcome);
      // A client waits after a failure instead of retrying immediately.
      if (outcome.result !== 'complete') await wait(500);
      else if (kind === 'read') await wait(READ_EVERY_MS);
    }
  }

  const clients = Object.entries(CLIENTS).flatMap(([kind, count]) =>
    Array.from({ length: count }, (_, client) => runClient(kind as RequestKind, client)),
  );
  return {
    outcomes,
    async stop() {
      isDone = true;
      await Promise.all(clients);
    },
  };
}

/** Sends a request to the first gateway, and to the next one only if the first has not begun it. */
async function sendWithFailover(kind: RequestKind, urls: readonly string[], prompt: string): Promise<RequestOutcome> {
  const startedAt = performance.now();
  let last: Attempt = { result: 'unreachable' };
  for (const [index, url] of urls.entries()) {
    last = await send(kind, url, prompt, startedAt);
    if (last.result !== 'unreachable') return toOutcome(last, index > 0);
  }
  return toOutcome(last, urls.length > 1);

  function toOutcome({ result, firstTextMs, detail }: Attempt, hasSwitched: boolean): RequestOutcome {
    const times = { startedAt, endedAt: performance.now(), firstTextMs: firstTextMs ?? null };
    return { kind, prompt, result, ...times, hasSwitched, ...(detail !== undefined && { detail }) };
  }
}

interface ClientRequest {
  readonly path: string;
  /** Undefined for GET requests. */
  readonly model?: string;
  readonly read: (body: string, prompt: string) => Attempt;
}

const REQUESTS: Readonly<Record<RequestKind, ClientRequest>> = {
  stream: { path: '/api/v1/generate/stream', model: 'paced_100', read: readStream },
  request: { path: '/api/v1/generate', model: 'slow_100', read: readCompletion },
  read: { path: '/api/v1/jobs?limit=1', read: readJobs },
};

interface Attempt {
  readonly result: RequestResult;
  readonly firstTextMs?: number;
  readonly detail?: string;
}

async function send(kind: RequestKind, url: string, prompt: string, startedAt: number): Promise<Attempt> {
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(), IDLE_TIMEOUT_MS);
  let firstTextMs: number | undefined;
  let hasResponse = false;
  try {
    const { path, read, model } = REQUESTS[kind];
    const response = await fetch(url + path, {
      headers: { 'content-type': 'application/json', authorization: `Bearer ${API_KEY}` },
      ...(model !== undefined && { method: 'POST', body: JSON.stringify({ prompt, model }) }),
      signal: idle.signal,
    });
    hasResponse = true;
    let body = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      timer.refresh();
      body += decoder.decode(chunk, { stream: true });
      if (response.ok && body.includes('data: ')) firstTextMs ??= performance.now() - startedAt;
    }
    if (!response.ok) return { result: 'rejected', detail: `${response.status} ${codeOf(body)}` };
    firstTextMs ??= performance.now() - startedAt;
    return { ...read(body, prompt), firstTextMs };
  } catch (thrown) {
    const first = firstTextMs === undefined ? {} : { firstTextMs };
    if (idle.signal.aborted) return { result: 'silent', ...first };
    const { code = '' } = ((thrown as Error).cause ?? {}) as NodeJS.ErrnoException;
    if (!hasResponse && CONNECT_CODES.has(code)) return { result: 'unreachable', detail: code };
    return { result: 'interrupted', detail: code, ...first };
  } finally {
    clearTimeout(timer);
  }
}

function readStream(body: string, prompt: string): Attempt {
  const frames = body
    .split('\n\n')
    .filter((frame) => frame.startsWith('data: '))
    .map((frame) => frame.slice('data: '.length));
  const last = frames.pop() ?? '';
  if (last.startsWith('[ERROR]')) return { result: 'interrupted', detail: last };
  // A body that ends normally but without an end mark would look like a short response.
  const isComplete = last === '[DONE]' && frames.map(textOf).join('') === echoOf(prompt);
  return isComplete ? { result: 'complete' } : { result: 'wrong', detail: body.slice(-200) };
}

function readCompletion(body: string, prompt: string): Attempt {
  const { text } = JSON.parse(body) as { text: string };
  return text === echoOf(prompt) ? { result: 'complete' } : { result: 'wrong', detail: body.slice(0, 200) };
}

function readJobs(body: string): Attempt {
  const { jobs } = JSON.parse(body) as { jobs: unknown[] };
  return jobs.length === 1 ? { result: 'complete' } : { result: 'wrong', detail: body.slice(0, 200) };
}

const textOf = (frame: string): string => JSON.parse(frame) as string;

function codeOf(body: string): string {
  try {
    return (JSON.parse(body) as { error: { code: string } }).error.code;
  } catch {
    return 'without an error code';
  }
}
