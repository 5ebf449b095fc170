import { type ApiClient, createApiClient, isGatewayUnreachable } from '@prodigon/api-client';
import { AppError } from '@prodigon/contracts';
import { type GatewayLocation, locateGateway } from '@prodigon/stack';
import type { CommandContext } from './command.ts';
import { UsageError } from './usage-error.ts';

export interface Connection {
  readonly client: ApiClient;
  readonly url: string;
}

/** Returns the gateway that `--url`, the running stack or the configuration names, in this order. */
export function locate(context: CommandContext, url: string | undefined): GatewayLocation {
  if (url !== undefined && !/^https?:\/\/[^/]/.test(url)) throw new UsageError('--url takes an http or https URL.');
  return locateGateway({ ...context, url });
}

/** Returns a client for the gateway that `locate` returns. */
export function connect(context: CommandContext, url: string | undefined): Connection {
  const location = locate(context, url);
  return { url: location.url, client: createApiClient({ baseUrl: location.url, apiKey: () => location.apiKey }) };
}

/** Returns an error with the URL and the start command when the gateway is unreachable, and other errors unchanged. */
export function explainUnreachable(error: unknown, url: string): unknown {
  if (!isGatewayUnreachable(error)) return error;
  return new AppError('SERVICE_UNAVAILABLE', `No gateway responds at ${url}. Start it with: npm start`);
}

/** Runs `work` with a client. An error of an unreachable gateway names its URL. */
export async function withGateway<Result>(
  context: CommandContext,
  url: string | undefined,
  work: (client: ApiClient) => Promise<Result>,
): Promise<Result> {
  const connection = connect(context, url);
  try {
    return await work(connection.client);
  } catch (error) {
    throw explainUnreachable(error, connection.url);
  }
}
