import type { ApiClient } from '@prodigon/api-client';
import type { CommandContext } from '../../command.ts';
import { writeJson } from '../../write-json.ts';
import { writeResponse } from '../../write-response.ts';
import type { ChatOptions } from './conversation-chat.ts';

/** Sends one prompt, which the gateway does not store, and writes the response. Returns the exit code 0. */
export async function askWithoutConversation(
  prompt: string,
  {
    client,
    url,
    context,
    options: { system, ...options },
    json = false,
  }: {
    readonly client: Pick<ApiClient, 'generate' | 'stream'>;
    readonly url: string;
    readonly context: CommandContext;
    readonly options: ChatOptions;
    readonly json?: boolean | undefined;
  },
  signal: AbortSignal,
): Promise<number> {
  const request = { prompt, system_prompt: system, ...options };
  if (json) return writeJson(await client.generate(request, signal), context);
  return writeResponse(client.stream(request, signal), url, context);
}
