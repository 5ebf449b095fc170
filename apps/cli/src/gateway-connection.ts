import { type ApiClient, createApiClient, isGatewayUnreachable } from '@prodigon/api-client';
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
  if (!isGatewayUnreachable(error)) return error;
  return new AppError('SERVICE_UNAVAILABLE', `No gateway answers at ${url}. Start it with: npm start`);
}

/** Does `work` with the client of that gateway; its failures say where nobody answered. */
export async function withGateway<Result>(
  context: CommandContext,
  url: string | undefined,
  work: (client: ApiClient) => Promise<Result>,
): Promise<Result> {
  const connection = connect(context, url);
  try {
    return await work(connection.client);
  } catch (error) {
    throw withWhereabouts(error, connection.url);
  }
}
