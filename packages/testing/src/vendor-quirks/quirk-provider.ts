import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { VendorQuirk } from './vendor-quirks.ts';

export interface QuirkProvider {
  /** E.g. `http://127.0.0.1:9100/v1`. */
  readonly baseUrl: string;
  /** The number of requests for a completion, without redirected ones. */
  readonly calls: number;
  close(): Promise<void>;
}

const REDIRECT = '/redirected/';

/** Starts a provider that sends the responses of one quirk at a time, which `current` returns. */
export async function startQuirkProvider(current: () => VendorQuirk): Promise<QuirkProvider> {
  let calls = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      const quirk = current();
      const reply = /"stream"\s*:\s*true/.test(body) ? quirk.stream : quirk.whole;
      const redirectsBefore = request.url?.startsWith(REDIRECT) ? Number(request.url.slice(REDIRECT.length)) : 0;
      if (redirectsBefore === 0 && request.method === 'POST') calls += 1;
      if (redirectsBefore < (reply.redirects ?? 0)) {
        response.writeHead(reply.status ?? 307, { location: `${REDIRECT}${redirectsBefore + 1}` }).end('Moved');
        return;
      }
      if (reply.before) request.socket.write(reply.before);
      response.writeHead(reply.redirects ? 200 : (reply.status ?? 200), reply.headers).end(reply.body);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    get calls() {
      return calls;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
