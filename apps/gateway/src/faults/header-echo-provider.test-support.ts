import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** Response statuses by model id. */
const STATUSES: Record<string, number> = {
  bad_request: 400,
  unauthorized: 401,
  forbidden: 403,
  rate_limited: 429,
  server_error: 500,
  invalid_body: 200,
};

/** Starts a provider whose responses repeat the request headers, API key included. Returns its base URL. */
export async function startHeaderEchoProvider(): Promise<string> {
  const server = createServer(async (request, response) => {
    const body = await textOf(request);
    // Also repeats the key without its scheme, so that no pattern identifies it as a key.
    const echoed = JSON.stringify({ ...request.headers, key: request.headers.authorization?.replace('Bearer ', '') });
    const model = /"model":"(\w+)"/.exec(body)?.[1] ?? '';
    const status = STATUSES[model] ?? 200;
    const isStream = status === 200 && body.includes('"stream":true');
    response.writeHead(status, {
      'content-type': isStream ? 'text/event-stream' : 'application/json',
      'x-echo': Buffer.from(echoed).toString('base64url'),
      'x-ratelimit-limit-requests': request.headers.authorization ?? '1',
      'www-authenticate': request.headers.authorization ?? '',
    });
    const error = JSON.stringify({ error: { message: echoed, type: echoed, code: echoed } });
    response.end(isStream ? `data: {"choices":[{"delta":{"content":"Hi"}}]}\n\ndata: ${error}\n\n` : error);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

export const HEADER_ECHO_MODELS: readonly string[] = Object.keys(STATUSES);

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += part;
  return text;
}
