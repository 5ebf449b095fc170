import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createOpenAiCompatibleProvider } from '@prodigon/model-providers';
import { onTestFinished } from 'vitest';
import type { OnClose } from '../gateway-harness.test-support.ts';

/** A completion, which the provider sends as a whole or as a stream. */
export interface ScriptedCompletion {
  message: {
    content?: string | null;
    refusal?: string | null;
    reasoning_content?: string;
    annotations?: readonly object[];
    tool_calls?: readonly { id: string; type: 'function'; function: { name: string; arguments: string } }[];
  };
  logprobs?: { content: readonly object[] };
  finish?: string;
  usage?: object | null;
  /** Instead of a completion: the status and the body of an error. */
  error?: { status: number; body: object };
  /** Cuts the stream after its content, before the finish reason. */
  isCut?: boolean;
}

export const USAGE = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };

/** Starts an HTTP server with OpenAI's chat completions that sends one completion at a time and records the requests. */
export async function startCompletionProvider(onClose: OnClose = onTestFinished) {
  const requests: Record<string, unknown>[] = [];
  let current: ScriptedCompletion = { message: { content: 'Hi.' } };
  const server = createServer(async (request, response) => {
    if (request.method !== 'POST') return response.end('{"data":[]}');
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString());
    requests.push(body);
    const { error } = current;
    if (error) return response.writeHead(error.status, JSON_TYPE).end(JSON.stringify(error.body));
    if (!body.stream) return response.writeHead(200, JSON_TYPE).end(JSON.stringify(wholeOf(current)));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(
      chunksOf(current)
        .map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)
        .join(''),
    );
    return current.isCut ? response.socket?.destroySoon() : response.end('data: [DONE]\n\n');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const provider = createOpenAiCompatibleProvider({ name: 'scripted', baseUrl, connectTimeoutMs: 5_000 });
  onClose(async () => {
    await provider.close();
    server.closeAllConnections();
    server.close();
  });
  return {
    provider,
    requests,
    /** The body of the last request. */
    get request() {
      return requests.at(-1) as Record<string, unknown> & { messages: Record<string, unknown>[] };
    },
    respondWith(completion: ScriptedCompletion) {
      current = completion;
    },
  };
}

const JSON_TYPE = { 'content-type': 'application/json' };
const HEADER = { id: 'chatcmpl-1', created: 1_700_000_000, model: 'm' };

function wholeOf({ message, logprobs = undefined, finish = 'stop', usage = USAGE }: ScriptedCompletion) {
  const choice = { index: 0, message: { role: 'assistant', content: null, ...message }, finish_reason: finish };
  return {
    ...HEADER,
    object: 'chat.completion',
    choices: [{ ...choice, ...(logprobs && { logprobs }) }],
    ...(usage && { usage }),
  };
}

/** Returns the chunks of the completion: text in two parts or token by token, and calls in three parts that overlap. */
function chunksOf({ message, logprobs, finish = 'stop', usage = USAGE, isCut }: ScriptedCompletion) {
  const { content, refusal, reasoning_content, annotations, tool_calls = [] } = message;
  const chunk = (delta: object, more: object = {}) => ({
    ...HEADER,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: null, ...more }],
  });
  const texts = logprobs
    ? logprobs.content.map((token) => chunk({ content: (token as { token: string }).token }, { logprobs: { content: [token] } }))
    : halves(content).map((half) => chunk({ content: half }));
  return [
    chunk({ role: 'assistant', content: '' }),
    ...halves(reasoning_content).map((half) => chunk({ reasoning_content: half })),
    ...texts,
    ...halves(refusal).map((half) => chunk({ refusal: half })),
    ...(annotations ? [chunk({ annotations })] : []),
    ...tool_calls.map((call, index) =>
      chunk({ tool_calls: [{ index, ...call, function: { name: call.function.name, arguments: '' } }] }),
    ),
    ...[0, 1].flatMap((half) =>
      tool_calls.map((call, index) =>
        chunk({ tool_calls: [{ index, function: { arguments: halves(call.function.arguments)[half] ?? '' } }] }),
      ),
    ),
    ...(isCut ? [] : [chunk({}, { finish_reason: finish })]),
    ...(usage && !isCut ? [{ ...HEADER, object: 'chat.completion.chunk', choices: [], usage }] : []),
  ];
}

function halves(text: string | null | undefined): string[] {
  if (!text) return [];
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)].filter((half) => half !== '');
}
