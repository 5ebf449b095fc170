import type { Model, ModelList } from '@prodigon/contracts';
import { defineCommand } from '../command.ts';
import { JSON_OPTION, URL_OPTION } from '../command-line-arguments.ts';
import { formatTable } from '../format-table.ts';
import { connect, explainUnreachable } from '../gateway-connection.ts';
import { writeJson } from '../write-json.ts';

const RESPONSE_TIMEOUT_MS = 10_000;

export const modelsCommand = defineCommand({
  name: 'models',
  summary: 'show the models with their prices and health',
  options: { ...JSON_OPTION, ...URL_OPTION },
  async run({ values }, context) {
    const { client, url } = connect(context, values.url);
    const list = await client.models(AbortSignal.timeout(RESPONSE_TIMEOUT_MS)).catch((error: unknown) => {
      throw explainUnreachable(error, url, context);
    });
    for (const { provider, message } of list.problems) context.stderr.write(`${provider}: ${message}\n`);
    if (values.json) return writeJson(list, context);
    context.stdout.write(`${formatTable(rowsOf(list), HEADINGS)}\n`);
    return 0;
  },
});

const HEADINGS = ['MODEL', 'PROVIDER', 'KIND', 'PRICE PER MILLION TOKENS', 'CONTEXT', 'HEALTH', 'NOTES'];

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
  if (offline || (price?.input === 0 && price.output === 0)) return 'free';
  return price ? `$${price.input} in, $${price.output} out` : 'unknown';
}

function healthOf({ health: { state, succeeded, failed, last_error, retry_after_s } }: Model): string {
  if (state === 'unknown') return 'no recent calls';
  const why = state === 'ok' || !last_error ? '' : `: ${last_error.message}`;
  const when = retry_after_s === null ? '' : ` Next call in ${retry_after_s} s.`;
  return `${state}, ${succeeded} of ${succeeded + failed} calls succeeded${why}${when}`;
}
