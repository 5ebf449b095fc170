import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { ProviderContext } from '@prodigon/ports';
import { onTestFinished, vi } from 'vitest';
import { createOpenAiCompatibleProvider, type OpenAiCompatibleOptions } from './openai-compatible-provider.ts';

/** Responds to a request of the provider. */
export type Respond = (response: ServerResponse, request: IncomingMessage) => void;

const messages = [{ role: 'user' as const, content: 'Hi' }];
export const request = { model: 'm', messages };

/** Starts a provider's API that responds to all requests in one way, and records them. */
export async function setUp(respond: Respond, options: Partial<OpenAiCompatibleOptions> = {}) {
  const requests: { line: string; headers: IncomingMessage['headers']; body: Record<string, unknown> | undefined }[] = [];
  let connections = 0;
  const server = createServer(async (incoming, response) => {
    const body = await text(incoming).catch(() => '');
    const { method, url, headers } = incoming;
    requests.push({ line: `${method} ${url}`, headers, body: body === '' ? undefined : JSON.parse(body) });
    respond(response, incoming);
  });
  server.on('connection', () => (connections += 1));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`;
  const provider = createOpenAiCompatibleProvider({ name: 'acme', baseUrl, connectTimeoutMs: 5_000, ...options });
  onTestFinished(async () => {
    await provider.close();
    server.closeAllConnections();
    server.close();
  });
  const context = { signal: new AbortController().signal, requestId: 'request-1', onRateLimits: vi.fn() };
  return {
    provider,
    baseUrl,
    requests,
    context: context as typeof context & ProviderContext,
    connectionsOf: () => connections,
  };
}

export const respondWith =
  (body: string | Buffer, headers: Record<string, string> = {}, status = 200): Respond =>
  (response) =>
    response.writeHead(status, headers).end(body);
export const COMPLETION = JSON.stringify({
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
});
