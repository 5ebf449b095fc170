import { isLoopback } from '@prodigon/platform/configuration';
import { loadStackSettings, type SettingsOptions } from './stack-settings.ts';
import { inspectStack } from './stack-status.ts';

export interface GatewayLocation {
  /** Without a slash at the end. */
  readonly url: string;
  /** What to send as a bearer token, if anything. */
  readonly apiKey: string | undefined;
}

export interface LocateOptions extends SettingsOptions {
  /** What the operator asked for; without it the running stack's address, then the configured one. */
  readonly url?: string | undefined;
}

/** Where to call the gateway, and with which key. Throws a `StackError` (78) when the configuration is not valid. */
export function locateGateway(options: LocateOptions): GatewayLocation {
  const { configuration, dataDirectory } = loadStackSettings(options);
  const url = (options.url ?? runningUrl(dataDirectory) ?? configuredUrl(configuration)).replace(/\/+$/, '');
  // This machine's own key stays on this machine.
  const ownKey = isLoopback(new URL(url).hostname) ? configuration.API_KEYS[0] : undefined;
  return { url, apiKey: options.env.PRODIGON_API_KEY ?? ownKey };
}

function runningUrl(dataDirectory: string): string | null {
  const running = [inspectStack(dataDirectory), inspectStack(dataDirectory, 'gateway')].find(({ phase }) => phase === 'running');
  return running && 'state' in running ? running.state.url : null;
}

function configuredUrl({ HOST, GATEWAY_PORT }: { HOST: string; GATEWAY_PORT: number }): string {
  const bare = HOST.replace(/^\[|\]$/g, '');
  // What listens on every address is called on this machine's own.
  const host = bare === '0.0.0.0' ? '127.0.0.1' : bare === '::' ? '::1' : bare;
  return `http://${host.includes(':') ? `[${host}]` : host}:${GATEWAY_PORT}`;
}
