import http from 'node:http';
import https from 'node:https';
import { decodeUrlPart } from '@prodigon/contracts';
import { buildConnector, errors } from 'undici';

/** An error of the proxy, as opposed to one of the server behind it. Its cause is the error of the connection, if any. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  readonly code: 'PROXY_UNREACHABLE' | 'PROXY_AUTHENTICATION_REQUIRED' | 'PROXY_REFUSED';

  constructor(code: ProxyError['code'], cause?: unknown) {
    super(`The proxy failed: ${code}`, { cause });
    this.code = code;
  }
}

const AUTHENTICATION_REQUIRED = 407;
const KEEP_ALIVE_DELAY_MS = 60_000;

export interface ProxyConnectorOptions {
  /** An http or https URL, which may contain a user and a password. */
  readonly proxyUrl: string;
  /** Applies to the tunnel and to TLS separately. */
  readonly timeoutMs: number;
}

/** Creates a connector that opens a tunnel with CONNECT, for http and https servers. Fails with a `ProxyError`. */
export function createProxyConnector({ proxyUrl, timeoutMs }: ProxyConnectorOptions): buildConnector.connector {
  const proxy = new URL(proxyUrl);
  const { request } = proxy.protocol === 'https:' ? https : http;
  const connectTls = buildConnector({ timeout: timeoutMs });
  return (options, callback) => {
    const isTls = options.protocol === 'https:';
    const { hostname } = options;
    const authority = `${hostname.includes(':') ? `[${hostname}]` : hostname}:${options.port || (isTls ? 443 : 80)}`;
    const tunnel = request({
      method: 'CONNECT',
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      path: authority,
      headers: { host: authority, ...credentialsOf(proxy) },
      agent: false,
    });
    const timer = setTimeout(() => {
      tunnel.destroy(new errors.ConnectTimeoutError(`Connecting took over ${timeoutMs} ms`));
    }, timeoutMs);
    tunnel.once('error', (error) => {
      clearTimeout(timer);
      callback(error instanceof errors.ConnectTimeoutError ? error : new ProxyError('PROXY_UNREACHABLE', error), null);
    });
    tunnel.once('connect', ({ statusCode = 0 }, socket, head) => {
      clearTimeout(timer);
      if (statusCode < 200 || statusCode > 299) {
        socket.destroy();
        const code = statusCode === AUTHENTICATION_REQUIRED ? 'PROXY_AUTHENTICATION_REQUIRED' : 'PROXY_REFUSED';
        return callback(new ProxyError(code), null);
      }
      if (head.length > 0) socket.unshift(head);
      const tcp = socket as import('node:net').Socket;
      tcp.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
      if (isTls) connectTls({ ...options, httpSocket: tcp }, callback);
      else callback(null, tcp);
    });
    tunnel.end();
  };
}

function credentialsOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const credentials = `${decodeUrlPart(username)}:${decodeUrlPart(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}
