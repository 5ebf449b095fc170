import { text as readText } from 'node:stream/consumers';
import type { GenerateRequestInput } from '@prodigon/contracts';
import { type Command, type CommandContext, UsageError } from '../command.ts';
import { parseCommandLine, parseNumber } from '../command-line-arguments.ts';
import { connect, explainUnreachable } from '../gateway-connection.ts';
import { onInterruption } from '../interrupt-signal.ts';
import { writeResponse } from '../write-response.ts';

const INTERRUPTED_EXIT_CODE = 130;
const text = { type: 'string' } as const;

export const chatCommand: Command = {
  name: 'chat',
  summary: 'send one prompt and stream the response',
  usage: [
    '  prodigon chat "What is a circuit breaker?"',
    '  prodigon chat < question.txt',
    '',
    '  --model <id>        the model to use; the default model without it',
    '  --system <text>     the system prompt',
    "  --max-tokens <n>    the maximum tokens of the response; the model's default without it",
    "  --temperature <n>   0 to 2; the model's default without it",
    '  --url <url>         the gateway to use; the local one by default',
    '',
    '  Writes the response to standard output and everything else to standard error.',
  ].join('\n'),
  async run(args, context) {
    const { values, positionals } = parseCommandLine({
      args,
      allowPositionals: true,
      options: { model: text, system: text, 'max-tokens': text, temperature: text, url: text },
    });
    const { model, system, 'max-tokens': maxTokens, temperature } = values;
    const { client, url } = connect(context, values.url);
    const prompt = await readPrompt(positionals, context);
    const abort = new AbortController();
    const removeListeners = onInterruption(() => abort.abort());
    try {
      const request: GenerateRequestInput = {
        prompt,
        model: model || undefined,
        system_prompt: system || undefined,
        max_tokens: maxTokens === undefined ? undefined : parseNumber('max-tokens', maxTokens),
        temperature: temperature === undefined ? undefined : parseNumber('temperature', temperature),
      };
      const events = client.stream(request, abort.signal);
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
  const prompt = positionals.length > 0 ? positionals.join(' ') : await readText(stdin);
  if (prompt.trim() === '') throw new UsageError('The prompt is empty.');
  return prompt.trim();
}
