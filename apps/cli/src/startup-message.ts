import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ApiClient, createApiClient } from '@prodigon/api-client';
import { AppError } from '@prodigon/contracts';
import type { ConfigurationReport, Stack, StackSettings } from '@prodigon/stack';
import { keyStatusOf } from './commands/keys/describe-key.ts';

const RESPONSE_TIMEOUT_MS = 5_000;
const STOP_HINT = '  Stop    Ctrl-C, or: ./prodigon stop';

/**
 * Returns the message for the operator when everything is ready: the URL, the default model, the proxies, how to create the
 * first key if the platform requires one, and how to stop.
 */
export async function describeRunning(url: string, stack: Stack, proxies: ConfigurationReport['proxies']): Promise<string> {
  const { settings, only } = stack;
  if (only && only !== 'gateway') return [`The ${only} service is running: ${url}`, STOP_HINT].join('\n');
  const client = createApiClient({ baseUrl: url, apiKey: () => stack.internalToken ?? undefined });
  const lines = [`Prodigon is running: ${url}`, `  Model   ${await describeModel(url, client, settings)}`];
  if (!settings.configuration.USE_MOCK) for (const proxy of proxies) lines.push(`  Proxy   ${describeProxy(proxy)}`);
  lines.push(...describeReplicas(stack));
  if (settings.configuration.REQUIRE_API_KEY && !(await hasValidKey(client))) {
    lines.push('  Keys    none yet: ./prodigon keys create <name> --owner <owner> --role admin');
  }
  if (!existsSync(join(settings.rootDirectory, 'apps', 'web', 'dist', 'index.html'))) {
    lines.push('  Web UI  not built yet: npm run build');
  }
  lines.push(STOP_HINT);
  return lines.join('\n');
}

export function describeProxy({ variable, origin }: ConfigurationReport['proxies'][number]): string {
  const protocol = variable === 'HTTPS_PROXY' ? 'https' : 'http';
  return `Providers with ${protocol} addresses are called through ${origin} (${variable}).`;
}

/** Returns a line with the URL of each replica of services with several. */
function describeReplicas({ processes }: Stack): string[] {
  const bySize = Object.values(Object.groupBy(processes, ({ service }) => service));
  const replicas = bySize.filter((group) => group.length > 1).flat();
  const width = Math.max(...replicas.map(({ title }) => title.length));
  return replicas.map(({ title, url }, index) => `  ${index === 0 ? 'Shared' : '      '}  ${title.padEnd(width)}  ${url}`);
}

async function describeModel(url: string, client: ApiClient, { configuration }: StackSettings): Promise<string> {
  try {
    const { default_model, models } = await client.models(AbortSignal.timeout(RESPONSE_TIMEOUT_MS));
    if (default_model === null) return 'no default model; set DEFAULT_MODEL';
    if (!models.find(({ id }) => id === default_model)?.offline) return default_model;
    const hint = configuration.USE_MOCK
      ? 'USE_MOCK is true. Unset it and set an API key to use an external provider.'
      : `For an external provider, open ${url}/settings/providers or set its key in .env and restart.`;
    return `${default_model}, which works offline\n          ${hint}`;
  } catch (error) {
    return `unknown, the list of models is unavailable (${error instanceof AppError ? error.message : 'timed out'})`;
  }
}

/** Returns true as well when the gateway cannot list its keys, because creating one would fail too. */
async function hasValidKey(client: ApiClient): Promise<boolean> {
  try {
    const { keys } = await client.keys.list(AbortSignal.timeout(RESPONSE_TIMEOUT_MS));
    return keys.some((key) => keyStatusOf(key) === 'Active');
  } catch {
    return true;
  }
}
