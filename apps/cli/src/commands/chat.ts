import { text } from 'node:stream/consumers';
import { type Command, type CommandContext, UsageError } from '../command.ts';
import { parseCommandLine } from '../command-line-arguments.ts';
import { connect, explainUnreachable } from '../gateway-connection.ts';
import { onInterruption } from '../interrupt-signal.ts';
import { writeResponse } from '../write-response.ts';

const INTERRUPTED_EXIT_CODE = 130;

export const chatCommand: Command = {
  name: 'chat',
  summary: 'send one prompt and stream the response',
  usage: [
    '  prodigon chat "What is a circuit breaker?"',
    '  prodigon chat < question.txt',
    '',
    '  --model <id>      the model to use; the default model without it',
    '  --system <text>   the system prompt',
    '  --url <url>       the gateway to use; the local one by default',
    '',
    '  Writes the response to standard output and everything else to standard error.',
  ].join('\n'),
  async run(args, context) {
    const { values, positionals } = parseCommandLine({
      args,
      allowPositionals: true,
      options: { model: { type: 'string' }, system: { type: 'string' }, url: { type: 'string' } },
    });
    const { client, url } = connect(context, values.url);
    const prompt = await readPrompt(positionals, context);
    const abort = new AbortController();
    const removeListeners = onInterruption(() => abort.abort());
    try {
      const events = client.stream(
        { prompt, ...(values.model && { model: values.model }), ...(values.system && { system_prompt: values.system }) },
        abort.signal,
      );
      return await writeResponse(events, context);
    } catch (error) {
      if (abort.signal.aborted) return INTERRUPTED_EXIT_CODE;
      throw explainUnreachable(error, url);
    } finally {
      removeListeners();
    }
  },
};

async function readPrompt(positionals: string[], { stdin }: CommandContext): Promise<string> {
  if (positionals.length === 0 && stdin.isTTY) throw new UsageError('Give the prompt as an argument or on standard input.');
  const prompt = positionals.length > 0 ? positionals.join(' ') : await text(stdin);
  if (prompt.trim() === '') throw new UsageError('The prompt is empty.');
  return prompt.trim();
}
