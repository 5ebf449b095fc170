import { AppError } from '@prodigon/contracts';
import type { TurnEvent } from '@prodigon/contracts/conversations';
import type { CommandContext } from '../../command.ts';
import { countOf } from '../../format-numbers.ts';
import { writeJson } from '../../write-json.ts';
import { writeResponse } from '../../write-response.ts';
import type { ConversationChat } from './conversation-chat.ts';

export interface ChatOutput {
  readonly chat: ConversationChat;
  readonly url: string;
  readonly context: CommandContext;
}

/** Sends one question, and writes its response and how to continue the conversation. Returns the exit code 0. */
export async function askInConversation(
  prompt: string,
  { chat, url, context, json = false }: ChatOutput & { readonly json?: boolean | undefined },
  signal: AbortSignal,
): Promise<number> {
  if (json) return writeJson(await readResponse(chat.ask(prompt, signal)), context);
  try {
    return await writeTurn(prompt, { chat, url, context }, signal);
  } finally {
    writeContinuation(chat, context);
  }
}

/** Writes the response to a question as it arrives. */
export const writeTurn = (prompt: string, { chat, url, context }: ChatOutput, signal: AbortSignal): Promise<number> =>
  writeResponse(reportOmissions(chat.ask(prompt, signal), context), url, context);

/** Writes how to continue the conversation, if there is one. */
export function writeContinuation(chat: ConversationChat, { stderr }: Pick<CommandContext, 'stderr'>): void {
  const id = chat.id();
  if (id !== undefined) stderr.write(`To continue: ./prodigon chat --continue ${id}\n`);
}

async function* reportOmissions(
  events: AsyncIterable<TurnEvent>,
  { stderr }: Pick<CommandContext, 'stderr'>,
): AsyncGenerator<TurnEvent> {
  for await (const event of events) {
    const omitted = event.event === 'start' ? event.data.omitted_messages : null;
    if (omitted) stderr.write(`The request leaves out the ${countOf(omitted, 'oldest message')}: the model's context is full.\n`);
    yield event;
  }
}

/** Returns the whole response with the fields of its events. Throws the error of a failed response. */
async function readResponse(events: AsyncIterable<TurnEvent>) {
  let ids = {};
  let text = '';
  let usage = {};
  let end = {};
  for await (const { event, data } of events) {
    if (event === 'start')
      ids = { conversation_id: data.conversation.id, message_id: data.message_id, generation_id: data.generation_id };
    if (event === 'token') text += data;
    if (event === 'usage') usage = data;
    if (event === 'done') end = data;
    if (event === 'error') throw new AppError(data.code, data.message);
  }
  return { ...ids, text, ...end, usage };
}
