import { text } from 'node:stream/consumers';
import { type Command, type CommandContext, UsageError } from '../command.ts';
import { parseCommandLine } from '../command-line-arguments.ts';
import { connect, withWhereabouts } from '../gateway-connection.ts';
import { onInterruption } from '../interrupt-signal.ts';
import { writeAnswer } from '../write-response.ts';

const INTERRUPTED_EXIT_CODE = 130;

export const chatCommand: Command = {
  name: 'chat',
  summary: 'ask one question and print the answer as it is made',
  usage: [
    '  prodigon chat "What is a circuit breaker?"',
    '  prodigon chat < question.txt',
    '',
    '  --model <id>      another model than the default one',
    '  --system <text>   instructions that come before the question',
    '  --url <url>       another gateway than the local one',
    '',
    '  The answer goes to standard output, everything else to standard error.',
  ].join('\n'),
  async run(args, context) {
    const { values, positionals } = parseCommandLine({
      args,
      allowPositionals: true,
      options: { model: { type: 'string' }, system: { type: 'string' }, url: { type: 'string' } },
    });
    const { client, url } = connect(context, values.url);
    const prompt = await readPrompt(positionals, context);
    const leaving = new AbortController();
    const giveSignalsBack = onInterruption(() => leaving.abort());
    try {
      const events = client.stream(
        { prompt, ...(values.model && { model: values.model }), ...(values.system && { system_prompt: values.system }) },
        leaving.signal,
      );
      return await writeAnswer(events, context);
    } catch (error) {
      if (leaving.signal.aborted) return INTERRUPTED_EXIT_CODE;
      throw withWhereabouts(error, url);
    } finally {
      giveSignalsBack();
    }
  },
};

async function readPrompt(positionals: string[], { stdin }: CommandContext): Promise<string> {
  if (positionals.length === 0 && stdin.isTTY)
    throw new UsageError('What is the question? Give it as an argument or on standard input.');
  const prompt = positionals.length > 0 ? positionals.join(' ') : await text(stdin);
  if (prompt.trim() === '') throw new UsageError('The question is empty.');
  return prompt.trim();
}
