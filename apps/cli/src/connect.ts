import { type ApiClient, createApiClient } from '@prodigon/api-client';
import { AppError } from '@prodigon/contracts';
import { locateGateway } from '@prodigon/stack';
import { type CommandContext, UsageError } from './command.ts';

export interface Connection {
  readonly client: ApiClient;
  readonly url: string;
}

/** The client for the gateway that `--url`, the running stack or the configuration names, in this order. */
export function connect(context: CommandContext, url: string | undefined): Connection {
  if (url !== undefined && !/^https?:\/\/[^/]/.test(url)) throw new UsageError('--url takes an http or https URL.');
  const location = locateGateway({ ...context, url });
  return { url: location.url, client: createApiClient({ baseUrl: location.url, apiKey: () => location.apiKey }) };
}

/** Says where nobody answered, and how to start what should. Other failures stay as they are. */
export function withWhereabouts(error: unknown, url: string): unknown {
  const isUnreachable = error instanceof AppError && error.code === 'SERVICE_UNAVAILABLE' && error.cause !== undefined;
  return isUnreachable ? new AppError('SERVICE_UNAVAILABLE', `No gateway answers at ${url}. Start it with: npm start`) : error;
}
