import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ApiClient } from '@prodigon/api-client';
import { AppError } from '@prodigon/contracts';
import type { StackSettings } from '@prodigon/stack';

const MODELS_WITHIN_MS = 5_000;

/** What the operator reads when everything is ready: where the page is, who answers there, how to stop. */
export async function describeRunning(url: string, client: ApiClient, settings: StackSettings): Promise<string> {
  const lines = [`Prodigon is running: ${url}`, `  Model   ${await describeModel(client, settings)}`];
  if (!existsSync(join(settings.rootDirectory, 'apps', 'web', 'dist', 'index.html'))) {
    lines.push('  Page    not built yet: npm run build');
  }
  lines.push('  Stop    Ctrl-C, or: npx prodigon stop');
  return lines.join('\n');
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
