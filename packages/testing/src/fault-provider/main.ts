import { parseArgs } from 'node:util';
import { startFaultProvider } from './fault-provider.ts';
import { MODELS } from './respond.ts';

// Run it with `node scripts/setup.mjs fault-provider --port 9100`.
const { values } = parseArgs({ options: { port: { type: 'string', default: '9100' } } });
const provider = await startFaultProvider({ port: Number(values.port) });
process.stdout.write(
  `The fault provider listens. Start Prodigon with OPENAI_BASE_URL=${provider.baseUrl} and call one of its models:\n`,
);
for (const { id, description } of MODELS) process.stdout.write(`  ${id.padEnd(34)} ${description}\n`);
