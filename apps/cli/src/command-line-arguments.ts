import { parseArgs } from 'node:util';
import { suggestWord } from './suggest-word.ts';
import { UsageError } from './usage-error.ts';

export interface CommandOption {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** The option can be repeated. */
  readonly multiple?: boolean;
  /** A boolean option that is true by default has the name `--no-<name>` in the help. */
  readonly default?: string | boolean;
  /** The name of the value in the help, e.g. `<id>`. */
  readonly value?: string;
  readonly description: string;
  /** The values that shell completion offers. */
  readonly choices?: readonly string[];
  /** Makes the value optional: the next argument is the value only if it matches. Otherwise the value is empty. */
  readonly optionalValue?: RegExp;
}

export type CommandOptions = Readonly<Record<string, CommandOption>>;
export type ParsedArguments<Options extends CommandOptions> = Pick<
  ReturnType<typeof parseArgs<{ options: Options; allowPositionals: boolean }>>,
  'values'
> & { positionals: string[] };

/** The option of every command that calls the gateway. */
export const URL_OPTION = {
  url: { type: 'string', value: '<url>', description: 'the gateway to use; the local one by default' },
} as const satisfies CommandOptions;

/** The option of every command that prints data. */
export const JSON_OPTION = { json: { type: 'boolean', description: 'print JSON' } } as const satisfies CommandOptions;

/** Returns the name of an option in the help, e.g. `--no-watch`. */
export const flagOf = (name: string, option: { readonly default?: string | boolean }): string =>
  `--${option.default === true ? 'no-' : ''}${name}`;

/** Parses the arguments of a command. Throws a `UsageError` of one sentence when they are invalid. */
export function parseCommandLine<const Options extends CommandOptions>(
  args: string[],
  options: Options,
  allowPositionals: boolean,
): ParsedArguments<Options> {
  try {
    return parseArgs({ args: completeOptionalValues(args, options), options, allowPositionals, allowNegative: true });
  } catch (error) {
    const isParseError = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
    if (!isParseError) throw error;
    throw new UsageError(`${error.message.split('. ')[0]?.replace(/\.$/, '')}.${suggestOption(args, options)}`);
  }
}

/** Gives an empty value to each option whose optional value is absent. */
function completeOptionalValues(args: readonly string[], options: CommandOptions): string[] {
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  return args.map((arg, index) => {
    const value = index < end && arg.startsWith('--') ? options[arg.slice(2)]?.optionalValue : undefined;
    const next = index + 1 < end ? args[index + 1] : undefined;
    return value === undefined || (next !== undefined && value.test(next)) ? arg : `${arg}=`;
  });
}

/** Returns a question that names the option most similar to the first unknown one, or nothing. */
function suggestOption(args: readonly string[], options: CommandOptions): string {
  const names = args.flatMap((arg) => /^--([^=]+)/.exec(arg)?.[1] ?? []);
  const unknown = names.find((name) => !(name in options) && !(name.replace(/^no-/, '') in options));
  const known = Object.entries(options).map(([name, option]) => flagOf(name, option));
  return unknown === undefined ? '' : suggestWord(`--${unknown}`, known);
}

/** Returns the number of an option. Throws a `UsageError` for anything else. */
export function parseNumber(option: string, text: string): number {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(number)) return number;
  throw new UsageError(`--${option} takes a number, not "${text}".`);
}
