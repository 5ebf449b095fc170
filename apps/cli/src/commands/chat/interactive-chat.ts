import type { Interface } from 'node:readline/promises';
import type { ApiClient } from '@prodigon/api-client';
import { withQuestions } from '../../ask.ts';
import { explainError } from '../../explain-error.ts';
import { explainUnreachable } from '../../gateway-connection.ts';
import { INTERRUPTED_EXIT_CODE, onInterruption } from '../../interrupt-signal.ts';
import { asOneLine } from '../../terminal-text.ts';
import { type ChatOutput, writeContinuation, writeTurn } from './ask-in-conversation.ts';
import { type ConversationChat, explainUnavailable } from './conversation-chat.ts';

const HISTORY_MESSAGES_MAX = 100;
const HISTORY_CHARACTERS_MAX = 2_000;

const HELP = `/new           start a new conversation
/model [<id>]  show or change the model; ./prodigon models lists them
/help          show this help
/exit          leave, like Ctrl-D
Ctrl-C stops a response. Press it twice to leave.`;

/**
 * Asks for questions at the terminal and writes their responses, until the user leaves. Returns the exit code: 0, or 130
 * after a signal.
 */
export async function runInteractiveChat({
  client,
  ...output
}: ChatOutput & { readonly client: Pick<ApiClient, 'conversations'> }): Promise<number> {
  const { chat, context } = output;
  const history = await readQuestions(client, chat.id()).catch((error: unknown) => {
    throw explainUnavailable(error);
  });
  context.stderr.write('Ask a question. /help lists the commands, and Ctrl-D leaves.\n');
  const isInterrupted = await withQuestions(
    context,
    async (ask, terminal) => {
      const interruptions = watchInterruptions(terminal, context.stderr);
      try {
        while (!interruptions.isLeaving()) {
          const line = await ask('> ');
          if (line === undefined || line === '/exit') break;
          interruptions.restart();
          if (line === '' || runChatCommand(line, chat, context.stderr)) continue;
          await interruptions.run((signal) => answer(line, output, signal));
        }
        return interruptions.isLeaving();
      } finally {
        interruptions.close();
      }
    },
    { history },
  );
  writeContinuation(chat, context);
  return isInterrupted ? INTERRUPTED_EXIT_CODE : 0;
}

/** Writes a response or its error, which does not end the conversation. */
async function answer(question: string, { chat, url, context }: ChatOutput, signal: AbortSignal): Promise<void> {
  try {
    await writeTurn(question, { chat, url, context }, signal);
  } catch (error) {
    const { message } = explainError(explainUnreachable(error, url, context), { path: ['chat'], env: context.env });
    context.stderr.write(error === signal.reason ? 'Stopped.\n' : `${message}\n`);
  }
}

/** Runs a line that is a command. Returns false for a question. */
function runChatCommand(line: string, chat: ConversationChat, stderr: NodeJS.WriteStream): boolean {
  const [, name, value = ''] = /^\/([a-z]+)(?:\s+(\S+))?$/.exec(line) ?? [];
  if (name === undefined) return false;
  if (name === 'help') stderr.write(`${HELP}\n`);
  else if (name === 'new') {
    chat.startNew();
    stderr.write('The next question starts a new conversation.\n');
  } else if (name === 'model') {
    if (value !== '') chat.setModel(value);
    stderr.write(`Model: ${chat.model() ?? 'that of the conversation, or the default model'}\n`);
  } else stderr.write(`There is no command /${name}. /help lists the commands.\n`);
  return true;
}

/** Stops the running response on the first Ctrl-C, and leaves on the second, or on a signal that ends the process. */
function watchInterruptions(terminal: Interface, stderr: NodeJS.WriteStream) {
  let running: AbortController | undefined;
  let times = 0;
  let isLeaving = false;

  function leave() {
    isLeaving = true;
    running?.abort();
    terminal.close();
  }
  function interrupt() {
    if (!running && terminal.line !== '') {
      for (const name of ['e', 'u']) terminal.write(null, { ctrl: true, name });
      return;
    }
    times += 1;
    if (times > 1) return leave();
    if (running) return running.abort();
    stderr.write('\nPress Ctrl-C again to leave.\n');
    terminal.prompt();
  }
  terminal.on('SIGINT', interrupt);
  const removeListeners = onInterruption((_times, signal) => (signal === 'SIGINT' ? interrupt() : leave()));

  return {
    isLeaving: () => isLeaving,
    restart() {
      times = 0;
    },
    async run(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
      running = new AbortController();
      await work(running.signal);
      running = undefined;
    },
    close: removeListeners,
  };
}

/** Returns the earlier questions of a conversation, or of the latest one, newest first. */
async function readQuestions({ conversations }: Pick<ApiClient, 'conversations'>, id: string | undefined): Promise<string[]> {
  const conversationId = id ?? (await conversations.list({ limit: 1 })).conversations[0]?.id;
  if (conversationId === undefined) return [];
  const { messages } = await conversations.get(conversationId, { limit: HISTORY_MESSAGES_MAX });
  const questions = messages.filter(({ role }) => role === 'user');
  return questions.map(({ content }) => asOneLine(content, HISTORY_CHARACTERS_MAX)).reverse();
}
