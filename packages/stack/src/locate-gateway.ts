import { isLoopback } from '@prodigon/platform/configuration';
import { toUrl } from './listen-url.ts';
import { loadStackSettings, type SettingsOptions } from './stack-settings.ts';
import { inspectStack } from './stack-status.ts';

export interface GatewayLocation {
  /** Without a trailing slash. */
  readonly url: string;
  /** The bearer token; undefined when the gateway needs none. */
  readonly apiKey: string | undefined;
}

export interface LocateOptions extends SettingsOptions {
  /** Overrides the address of the running stack and the configured address. */
  readonly url?: string | undefined;
}

/** Returns the gateway's URL and API key. Throws a `StackError` (78) when the configuration is invalid. */
export function locateGateway(options: LocateOptions): GatewayLocation {
  const { configuration, dataDirectory } = loadStackSettings(options);
  const url = (
    options.url ??
    runningUrl(dataDirectory) ??
    toUrl({ host: configuration.HOST, port: configuration.GATEWAY_PORT })
  ).replace(/\/+$/, '');
  // The configured key is a secret of this machine, so other gateways do not receive it.
  const ownKey = isLoopback(new URL(url).hostname) ? configuration.API_KEYS[0] : undefined;
  return { url, apiKey: options.env.PRODIGON_API_KEY ?? ownKey };
}

function runningUrl(dataDirectory: string): string | null {
  const running = [inspectStack(dataDirectory), inspectStack(dataDirectory, 'gateway')].find(({ phase }) => phase === 'running');
  return running && 'state' in running ? running.state.url : null;
}
