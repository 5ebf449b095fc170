import { type Configuration, isLoopback, readInternalToken } from '@prodigon/platform/configuration';
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
  /** Whether to prefer the rights of the operator of this machine to the first of API_KEYS. */
  readonly isOperator?: boolean | undefined;
}

/** Returns the gateway's URL and API key. Throws a `StackError` (78) when the configuration is invalid. */
export function locateGateway(options: LocateOptions): GatewayLocation {
  const { configuration, dataDirectory } = loadStackSettings(options);
  const ownUrl = runningUrl(dataDirectory);
  const url = (options.url ?? ownUrl ?? toUrl({ host: configuration.HOST, port: configuration.GATEWAY_PORT })).replace(
    /\/+$/,
    '',
  );
  const { PRODIGON_API_KEY } = options.env;
  // The secrets of this machine are not for other gateways.
  if (PRODIGON_API_KEY !== undefined || !isLoopback(new URL(url).hostname)) return { url, apiKey: PRODIGON_API_KEY };
  // A loopback port can lead to another machine, so only the gateway of the running stack receives the token.
  const token = url === ownUrl ? readInternalToken(configuration.INTERNAL_TOKEN, dataDirectory) : undefined;
  return { url, apiKey: ownKey(configuration, token, options.isOperator) };
}

/** The internal token has the rights of an admin, so commands that any key can run use it only without API_KEYS. */
function ownKey({ API_KEYS, REQUIRE_API_KEY }: Configuration, token: string | undefined, isOperator = false) {
  const key = API_KEYS[0]?.value;
  if (isOperator) return token ?? key;
  return key ?? (REQUIRE_API_KEY ? token : undefined);
}

function runningUrl(dataDirectory: string): string | null {
  const running = [inspectStack(dataDirectory), inspectStack(dataDirectory, 'gateway')].find(({ phase }) => phase === 'running');
  return running && 'state' in running ? running.state.url : null;
}
