import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ChatRequestBody, Script } from '../fault-provider/script.ts';
import { type Deployment, sharedDeployment } from '../start-deployment.ts';

const EXAMPLES = join(resolve(import.meta.dirname, '../../../..'), 'docs/examples/clients');

/** Returns a platform of separate services whose model follows the script. */
export async function startForClients(script: Script): Promise<Deployment> {
  const deployment = await sharedDeployment('services');
  deployment.provider.script = script;
  return deployment;
}

/** Returns an example of the documentation, with the address of this platform. */
export const readExample = (file: string, { url }: Pick<Deployment, 'url'>): string =>
  readFileSync(join(EXAMPLES, file), 'utf8').replaceAll('http://127.0.0.1:8000', url);

/** The text of a model that calls no tool. */
export const TEXT = 'Streams carry tokens.';

/**
 * A model for libraries: it calls the first tool with `{"city": "Zürich"}`, repeats the result of a tool, returns the same
 * object as structured output, and otherwise responds with `TEXT`.
 */
export function libraryScript({ messages, tools, tool_choice, response_format }: ChatRequestBody) {
  const city = { city: 'Zürich' };
  const last = messages.at(-1);
  if (last.role === 'tool') return { text: `The tool returned: ${last.content}` };
  if (tools?.length > 0 && tool_choice !== 'none') return { tool: tools[0].function.name, arguments: city };
  if (response_format?.type.startsWith('json')) return { text: JSON.stringify(city) };
  return { text: TEXT };
}
