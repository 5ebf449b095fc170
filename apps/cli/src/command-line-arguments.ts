import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from './command.ts';

/** `parseArgs` whose complaints are a `UsageError` of one sentence. */
export function parseCommandLine<Config extends ParseArgsConfig>(config: Config): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    const isComplaint = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
    if (!isComplaint) throw error;
    throw new UsageError(`${error.message.split('. ')[0]?.replace(/\.$/, '')}.`);
  }
}
