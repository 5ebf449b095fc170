import { createHttpClient, createWorkshopApi, type WorkshopApi } from '@prodigon/api-client/workshop';
import type { CommandContext } from '../../command.ts';
import { explainUnreachable, locate } from '../../gateway-connection.ts';

export interface WorkshopConnection {
  readonly workshop: WorkshopApi;
  /** The URL of the gateway. */
  readonly url: string;
}

/** Runs `work` with a client of the workshop. An error of an unreachable gateway names its URL. */
export async function connectWorkshop<Result>(
  context: CommandContext,
  url: string | undefined,
  work: (connection: WorkshopConnection) => Promise<Result>,
): Promise<Result> {
  const location = locate(context, url);
  const http = createHttpClient({ baseUrl: location.url, apiKey: () => location.apiKey });
  try {
    return await work({ workshop: createWorkshopApi(http), url: location.url });
  } catch (error) {
    throw explainUnreachable(error, location.url, context);
  }
}
