import { type ApiClient, createApiClient, isGatewayUnreachable } from '@prodigon/api-client';
import { AppError } from '@prodigon/contracts';
import { findStacks, type GatewayLocation, locateDataDirectory, locateGateway } from '@prodigon/stack';
import type { CommandContext } from './command.ts';
import { UsageError } from './usage-error.ts';

export interface Connection {
  readonly client: ApiClient;
  readonly url: string;
}

/** Returns the gateway that `--url`, the running stack or the configuration names, in this order. */
export function locate(context: CommandContext, url: string | undefined, isOperator = false): GatewayLocation {
  if (url !== undefined && !/^https?:\/\/[^/]/.test(url)) throw new UsageError('--url takes an http or https URL.');
  return locateGateway({ ...context, url, isOperator });
}

/** Returns a client for the gateway that `locate` returns. */
export function connect(context: CommandContext, url: string | undefined): Connection {
  return createConnection(locate(context, url));
}

/** Returns a client with the rights of the operator, if the platform runs on this machine and no key is set. */
export function connectAsOperator(context: CommandContext, url: string | undefined): Connection {
  return createConnection(locate(context, url, true));
}

function createConnection({ url, apiKey }: GatewayLocation): Connection {
  return { url, client: createApiClient({ baseUrl: url, apiKey: () => apiKey }) };
}

/** Returns an error with the URL and advice when the gateway is unreachable, and other errors unchanged. */
export function explainUnreachable(error: unknown, url: string, context: CommandContext): unknown {
  if (!isGatewayUnreachable(error)) return error;
  return new AppError('SERVICE_UNAVAILABLE', `No gateway responds at ${url}. ${adviceOf(context)}`);
}

/** On a host with services alone, the gateway runs on another host. */
function adviceOf(context: CommandContext): string {
  const services = findStacks(locateDataDirectory(context)).flatMap(({ state }) => state.only ?? []);
  if (services.length === 0 || services.includes('gateway')) return 'Start it with: npm start';
  return `This machine runs only the ${services.join(' and the ')} service. Name the address of a gateway with --url.`;
}

type GatewayTask<Result> = (client: ApiClient) => Promise<Result>;

/** Runs `work` with a client. An error of an unreachable gateway names its URL. */
export function withGateway<Result>(
  context: CommandContext,
  url: string | undefined,
  work: GatewayTask<Result>,
): Promise<Result> {
  return explainErrors(connect(context, url), context, work);
}

/** Does the same as `withGateway` with the client of `connectAsOperator`. */
export function withOperatorGateway<Result>(
  context: CommandContext,
  url: string | undefined,
  work: GatewayTask<Result>,
): Promise<Result> {
  return explainErrors(connectAsOperator(context, url), context, work);
}

async function explainErrors<Result>(
  connection: Connection,
  context: CommandContext,
  work: GatewayTask<Result>,
): Promise<Result> {
  try {
    return await work(connection.client);
  } catch (error) {
    throw explainUnreachable(error, connection.url, context);
  }
}
