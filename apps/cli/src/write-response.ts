import { once } from 'node:events';
import { AppError, type StreamEvent, type StreamEventData } from '@prodigon/contracts';
import type { CommandContext } from './command.ts';
import { formatCost } from './format-numbers.ts';
import { createLinkCompleter } from './link-completer.ts';

/**
 * Writes the text of a streamed response of the gateway at `url` to stdout as it arrives, and its model, cost and times to stderr.
 * Returns 0. Throws an `AppError` for a failed or truncated response, after writing the text so far.
 */
export async function writeResponse(
  events: AsyncIterable<StreamEvent>,
  url: string,
  { stdout, stderr }: Pick<CommandContext, 'stdout' | 'stderr'>,
): Promise<number> {
  const links = createLinkCompleter(url);
  let usage: StreamEventData<'usage'> | undefined;
  let end: StreamEventData<'done'> | undefined;
  let lastCharacter = '\n';

  const write = async (text: string) => {
    lastCharacter = text.at(-1) ?? lastCharacter;
    if (!stdout.write(text)) await once(stdout, 'drain');
  };

  try {
    for await (const { event, data } of events) {
      if (event === 'fallback') stderr.write(`${data.from} failed (${data.reason}). Falling back to ${data.to}.\n`);
      if (event === 'token') await write(links.add(data));
      if (event === 'usage') usage = data;
      if (event === 'done') end = data;
      if (event === 'error') throw new AppError(data.code, data.message);
    }
    if (!end) throw new AppError('INFERENCE_ERROR', 'The response ended before it was complete.');
  } catch (error) {
    // The original message does not help the user: fetch reports "terminated" when the connection drops.
    if (error instanceof AppError || (error instanceof Error && error.name === 'AbortError')) throw error;
    throw new AppError('INFERENCE_ERROR', 'The response ended before it was complete.', { cause: error });
  } finally {
    await write(links.end());
    if (lastCharacter !== '\n') stdout.write('\n');
  }
  stderr.write(`${describeResponse(usage, end)}\n`);
  return 0;
}

function describeResponse(usage: StreamEventData<'usage'> | undefined, end: StreamEventData<'done'>): string {
  const tokens = usage && `${usage.prompt_tokens} + ${usage.completion_tokens} tokens${usage.estimated ? ' (estimated)' : ''}`;
  const ending = end.finish_reason === 'stop' ? undefined : `ended by ${end.finish_reason}`;
  const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`;
  const cost = usage?.cost_usd ? formatCost(usage.cost_usd) : undefined;
  const attempts = end.attempts > 1 ? `${end.attempts} attempts` : undefined;
  const times = [`first token after ${seconds(end.ttft_ms)}`, `${seconds(end.latency_ms)} total`];
  return [end.model, tokens, cost, ...times, attempts, ending].filter((part) => part !== undefined).join(' · ');
}
