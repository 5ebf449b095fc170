import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { AppError } from '@prodigon/contracts';
import { defineCommand } from '../../command.ts';
import { URL_OPTION } from '../../command-line-arguments.ts';
import { countOf } from '../../format-numbers.ts';
import { withGateway } from '../../gateway-connection.ts';
import { UsageError } from '../../usage-error.ts';
import { writeBytes } from '../../write-bytes.ts';
import { findJobId } from './find-job-id.ts';

export const resultsCommand = defineCommand({
  name: 'results',
  parameters: '<id>',
  summary: 'print one JSON line for each finished prompt',
  options: {
    succeeded: { type: 'boolean', default: false, description: 'only prompts with a response' },
    failed: { type: 'boolean', default: false, description: 'only prompts without a response' },
    output: {
      type: 'string',
      short: 'o',
      value: '<file>',
      description: 'write to a file, which appears only when it is complete',
    },
    ...URL_OPTION,
  },
  async run({ values, positionals }, context) {
    if (values.succeeded && values.failed)
      throw new UsageError('--succeeded and --failed exclude each other; omit both for all results.');
    const outcome = values.succeeded ? 'succeeded' : values.failed ? 'failed' : 'all';
    const { output } = values;
    return withGateway(context, values.url, async (client) => {
      const bytes = client.jobs.results(await findJobId(client, positionals), outcome);
      if (output === undefined) await writeBytes(bytes, context.stdout);
      else context.stderr.write(`${countOf(await writeFileAtomically(output, bytes), 'result')} in ${output}\n`);
      return 0;
    });
  },
});

const LINE_FEED = 10;

/** Writes under a temporary name and renames the complete file. Writes devices and pipes directly. Returns the number of lines. */
async function writeFileAtomically(path: string, bytes: AsyncIterable<Uint8Array>): Promise<number> {
  const isSpecial = await stat(path).then(
    (found) => !found.isFile(),
    () => false,
  );
  const partPath = isSpecial ? path : `${path}.part`;
  let lines = 0;
  async function* counted() {
    for await (const chunk of bytes) {
      for (const byte of chunk) if (byte === LINE_FEED) lines += 1;
      yield chunk;
    }
  }
  try {
    await pipeline(counted(), createWriteStream(partPath));
    if (!isSpecial) await rename(partPath, path);
    return lines;
  } catch (error) {
    if (!isSpecial) await rm(partPath, { force: true });
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new AppError('INSUFFICIENT_STORAGE', `${path} cannot be written (${'code' in error ? error.code : error.message}).`);
  }
}
