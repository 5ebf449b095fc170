import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** How it fails, by the model that it is asked for. */
const STATUSES: Record<string, number> = { refuses: 400, distrusts: 401, forbids: 403, limits: 429, fails: 500, babbles: 200 };

/** A provider that repeats the headers that it was sent, our key with them, in whatever it answers. Its base URL. */
export async function startTellingProvider(): Promise<string> {
  const server = createServer(async (request, response) => {
    const body = await textOf(request);
    // By itself too, where nothing shows what it is.
    const told = JSON.stringify({ ...request.headers, key: request.headers.authorization?.replace('Bearer ', '') });
    const model = /"model":"(\w+)"/.exec(body)?.[1] ?? '';
    const status = STATUSES[model] ?? 200;
    const isStream = status === 200 && body.includes('"stream":true');
    response.writeHead(status, {
      'content-type': isStream ? 'text/event-stream' : 'application/json',
      'x-told': Buffer.from(told).toString('base64url'),
      'x-ratelimit-limit-requests': request.headers.authorization ?? '1',
      'www-authenticate': request.headers.authorization ?? '',
    });
    const error = JSON.stringify({ error: { message: told, type: told, code: told } });
    response.end(isStream ? `data: {"choices":[{"delta":{"content":"Hi"}}]}\n\ndata: ${error}\n\n` : error);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

export const TELLING_MODELS: readonly string[] = Object.keys(STATUSES);

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += part;
  return text;
}
