import { text as readText } from 'node:stream/consumers';
import { AppError } from '@prodigon/contracts';
import { type CommandContext, defineCommand } from '../command.ts';
import { JSON_OPTION, parseNumber, URL_OPTION } from '../command-line-arguments.ts';
import { isInteractive } from '../confirm.ts';
import { connect, explainUnreachable } from '../gateway-connection.ts';
import { INTERRUPTED_EXIT_CODE, onInterruption } from '../interrupt-signal.ts';
import { UsageError } from '../usage-error.ts';
import { askInConversation } from './chat/ask-in-conversation.ts';
import { askWithoutConversation } from './chat/ask-without-conversation.ts';
import { openFiles } from './chat/attached-files.ts';
import { createConversationChat } from './chat/conversation-chat.ts';
import { completeConversationId, findConversationId, ID_ARGUMENT } from './chat/find-conversation.ts';
import { runInteractiveChat } from './chat/interactive-chat.ts';
import { listConversations } from './chat/list-conversations.ts';

export const chatCommand = defineCommand({
  name: 'chat',
  summary: 'ask a model in a conversation',
  parameters: '"<prompt>"',
  complete: completeConversationId,
  options: {
    continue: {
      type: 'string',
      value: '[<id>]',
      optionalValue: ID_ARGUMENT,
      description: 'continue the latest conversation, or the one whose id begins or ends with <id>',
    },
    list: { type: 'boolean', description: 'show the latest conversations' },
    model: { type: 'string', value: '<id>', description: 'the model to use; the default model without it' },
    system: { type: 'string', value: '<text>', description: 'the system prompt of the conversation' },
    file: { type: 'string', multiple: true, value: '<path>', description: 'attach a file to the prompt; repeat it for more' },
    'max-tokens': {
      type: 'string',
      value: '<n>',
      description: "the maximum tokens of the response; the model's default without it",
    },
    temperature: { type: 'string', value: '<n>', description: "0 to 2; the model's default without it" },
    save: { type: 'boolean', default: true, description: 'send one prompt without storing a conversation' },
    json: { ...JSON_OPTION.json, description: 'print the whole response as JSON when it is complete' },
    ...URL_OPTION,
  },
  notes: [
    'Without an argument, standard input is the prompt: ./prodigon chat < question.txt\n  On a terminal, it asks for prompts until you press Ctrl-D. Ctrl-C stops a response.',
    'Writes the response to standard output and everything else to standard error.',
  ],
  async run({ values, positionals }, context) {
    const { continue: id, list, model, system, file: paths = [], 'max-tokens': maxTokens, temperature, save, json } = values;
    assertCombination(values, positionals);
    const { client, url } = connect(context, values.url);
    const options = {
      model: model || undefined,
      system: system || undefined,
      max_tokens: maxTokens === undefined ? undefined : parseNumber('max-tokens', maxTokens),
      temperature: temperature === undefined ? undefined : parseNumber('temperature', temperature),
    };
    const files = await openFiles(paths);
    const abort = new AbortController();
    const { signal } = abort;
    const openChat = async () => {
      const conversationId = id === undefined ? undefined : await findConversationId(client, id, signal);
      return createConversationChat({ client, options, files, conversationId });
    };
    const removeListeners = onInterruption(() => abort.abort());
    try {
      if (list) return await listConversations(client, { json }, context);
      if (positionals.length === 0 && save && !json && isInteractive(context)) {
        const chat = await openChat();
        removeListeners();
        return await runInteractiveChat({ chat, client, url, context });
      }
      const prompt = await readPrompt(positionals, context);
      if (!save) return await askWithoutConversation(prompt, { client, url, context, options, json }, signal);
      return await askInConversation(prompt, { chat: await openChat(), url, context, json }, signal);
    } catch (error) {
      if (!signal.aborted) throw explainUnreachable(error, url, context);
      if (error instanceof AppError) context.stderr.write(`${error.message}\n`);
      return INTERRUPTED_EXIT_CODE;
    } finally {
      removeListeners();
    }
  },
});

type Combination = Readonly<Partial<Record<'continue' | 'list' | 'save' | 'file', unknown>>>;

function assertCombination({ continue: continued, list, save, file }: Combination, positionals: readonly string[]): void {
  if (list && (positionals.length > 0 || continued !== undefined)) throw new UsageError('--list takes no prompt.');
  if (!save && (continued !== undefined || file !== undefined))
    throw new UsageError('--continue and --file require a conversation. Remove --no-save.');
}

async function readPrompt(positionals: string[], { stdin }: CommandContext): Promise<string> {
  if (positionals.length === 0 && stdin.isTTY) throw new UsageError('Give the prompt as an argument or on standard input.');
  const prompt = positionals.length > 0 ? positionals.join(' ') : await readText(stdin);
  if (prompt.trim() === '') throw new UsageError('The prompt is empty.');
  return prompt.trim();
}
