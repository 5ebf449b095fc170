import { text as readText } from 'node:stream/consumers';
import type { GenerateRequestInput } from '@prodigon/contracts';
import { type CommandContext, defineCommand } from '../command.ts';
import { JSON_OPTION, parseNumber, URL_OPTION } from '../command-line-arguments.ts';
import { connect, explainUnreachable } from '../gateway-connection.ts';
import { INTERRUPTED_EXIT_CODE, onInterruption } from '../interrupt-signal.ts';
import { UsageError } from '../usage-error.ts';
import { writeJson } from '../write-json.ts';
import { writeResponse } from '../write-response.ts';

export const chatCommand = defineCommand({
  name: 'chat',
  summary: 'send one prompt and stream the response',
  parameters: '"<prompt>"',
  options: {
    model: { type: 'string', value: '<id>', description: 'the model to use; the default model without it' },
    system: { type: 'string', value: '<text>', description: 'the system prompt' },
    'max-tokens': {
      type: 'string',
      value: '<n>',
      description: "the maximum tokens of the response; the model's default without it",
    },
    temperature: { type: 'string', value: '<n>', description: "0 to 2; the model's default without it" },
    json: { ...JSON_OPTION.json, description: 'print the whole response as JSON when it is complete' },
    ...URL_OPTION,
  },
  notes: [
    'Without an argument, standard input is the prompt: ./prodigon chat < question.txt',
    'Writes the response to standard output and everything else to standard error.',
  ],
  async run({ values, positionals }, context) {
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
      if (values.json) return writeJson(await client.generate(request, abort.signal), context);
      const events = client.stream(request, abort.signal);
      return await writeResponse(events, url, context);
    } catch (error) {
      if (abort.signal.aborted) return INTERRUPTED_EXIT_CODE;
      throw explainUnreachable(error, url, context);
    } finally {
      removeListeners();
    }
  },
});

async function readPrompt(positionals: string[], { stdin }: CommandContext): Promise<string> {
  if (positionals.length === 0 && stdin.isTTY) throw new UsageError('Give the prompt as an argument or on standard input.');
  const prompt = positionals.length > 0 ? positionals.join(' ') : await readText(stdin);
  if (prompt.trim() === '') throw new UsageError('The prompt is empty.');
  return prompt.trim();
}
