import type { Model, ModelList } from '@prodigon/contracts';
import type { Command } from '../command.ts';
import { parseCommandLine } from '../command-line-arguments.ts';
import { formatTable } from '../format-table.ts';
import { connect, explainUnreachable } from '../gateway-connection.ts';

const RESPONSE_TIMEOUT_MS = 10_000;

export const modelsCommand: Command = {
  name: 'models',
  summary: 'show the models with their prices and health',
  usage: '  --url <url>   the gateway to use; the local one by default',
  async run(args, context) {
    const { values } = parseCommandLine({ args, options: { url: { type: 'string' } } });
    const { client, url } = connect(context, values.url);
    const list = await client.models(AbortSignal.timeout(RESPONSE_TIMEOUT_MS)).catch((error: unknown) => {
      throw explainUnreachable(error, url);
    });
    for (const { provider, message } of list.problems) context.stderr.write(`${provider}: ${message}\n`);
    context.stdout.write(`${formatTable(rowsOf(list))}\n`);
    return 0;
  },
};

function rowsOf({ models, retired, default_model }: ModelList): string[][] {
  return [
    ...models.map((model) => [
      model.id,
      model.provider,
      model.kind,
      priceOf(model),
      model.context_tokens === null ? '' : `${model.context_tokens.toLocaleString('en')} tokens`,
      healthOf(model),
      model.id === default_model ? 'default' : '',
    ]),
    ...retired.map(({ id, provider, on, use }) => [id, provider, '', '', '', `retired on ${on}`, `use ${use}`]),
  ];
}

function priceOf({ offline, price }: Model): string {
  if (offline) return 'free';
  return price ? `$${price.input} in, $${price.output} out per million tokens` : 'price unknown';
}

function healthOf({ health: { state, succeeded, failed, last_error, retry_after_s } }: Model): string {
  if (state === 'unknown') return 'no recent calls';
  const why = state === 'ok' || !last_error ? '' : `: ${last_error.message}`;
  const when = retry_after_s === null ? '' : ` Next call in ${retry_after_s} s.`;
  return `${state}, ${succeeded} of ${succeeded + failed} calls succeeded${why}${when}`;
}
