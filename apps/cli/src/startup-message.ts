import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ApiClient, createApiClient } from '@prodigon/api-client';
import { AppError } from '@prodigon/contracts';
import type { Stack, StackSettings } from '@prodigon/stack';

const MODELS_WITHIN_MS = 5_000;
const HOW_TO_STOP = '  Stop    Ctrl-C, or: npx prodigon stop';

/** What the operator reads when everything is ready: where the page is, who answers there, how to stop. */
export async function describeRunning(url: string, stack: Stack, ownKey: string | undefined): Promise<string> {
  const { settings, only } = stack;
  if (only && only !== 'gateway') return [`The ${only} service is running: ${url}`, HOW_TO_STOP].join('\n');
  const apiKey = ownKey ?? settings.configuration.API_KEYS[0];
  const client = createApiClient({ baseUrl: url, apiKey: () => apiKey });
  const lines = [`Prodigon is running: ${url}`, `  Model   ${await describeModel(client, settings)}`];
  lines.push(...describeReplicas(stack));
  if (!existsSync(join(settings.rootDirectory, 'apps', 'web', 'dist', 'index.html'))) {
    lines.push('  Page    not built yet: npm run build');
  }
  lines.push(HOW_TO_STOP);
  return lines.join('\n');
}

/** Where the replicas are, of the services that have several. */
function describeReplicas({ processes }: Stack): string[] {
  const bySize = Object.values(Object.groupBy(processes, ({ service }) => service));
  const replicas = bySize.filter((group) => group.length > 1).flat();
  const width = Math.max(...replicas.map(({ title }) => title.length));
  return replicas.map(({ title, url }, index) => `  ${index === 0 ? 'Shared' : '      '}  ${title.padEnd(width)}  ${url}`);
}

async function describeModel(client: ApiClient, { configuration }: StackSettings): Promise<string> {
  try {
    const { default_model, models } = await client.models(AbortSignal.timeout(MODELS_WITHIN_MS));
    if (default_model === null) return 'none answers by default: name one in DEFAULT_MODEL';
    if (!models.find(({ id }) => id === default_model)?.offline) return default_model;
    const cure = configuration.USE_MOCK
      ? 'USE_MOCK is true: without it and with a key, a vendor answers.'
      : 'For a vendor, put GROQ_API_KEY=… or OPENAI_API_KEY=… in .env and start again.';
    return `${default_model}, which works offline\n          ${cure}`;
  } catch (error) {
    return `the list cannot be had just now (${error instanceof AppError ? error.message : 'no answer in time'})`;
  }
}
