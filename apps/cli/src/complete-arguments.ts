import type { Command, CommandContext, CompletionRequest } from './command.ts';
import { flagOf } from './command-line-arguments.ts';

/** The hidden command that the completion scripts call with the words of a command line. */
export const COMPLETE = '__complete';

interface FoundCommand {
  readonly command: Command;
  /** The full name, e.g. `['jobs', 'list']`. */
  readonly path: readonly string[];
  readonly rest: string[];
}

/** Returns the deepest command that the first arguments name, and the arguments after it. */
export function findCommand(root: Command, args: readonly string[]): FoundCommand {
  let command = root;
  let depth = 0;
  for (const word of args) {
    const next = command.subcommands?.find(({ name }) => name === word);
    if (!next) break;
    command = next;
    depth += 1;
  }
  return { command, path: args.slice(0, depth), rest: args.slice(depth) };
}

/**
 * Returns the completions of the last of `words`, which may be empty. Each line contains a candidate, a tab and its
 * description. Without lines, the shell completes file names.
 */
export async function completeArguments(root: Command, words: readonly string[], context: CommandContext): Promise<string[]> {
  const current = words.at(-1) ?? '';
  const isHelp = words[0] === 'help';
  const { command, rest } = findCommand(root, words.slice(isHelp ? 1 : 0, -1));
  const candidates = isHelp ? namesOf(command) : await candidatesFor(command, { words: rest, context }, current);
  return candidates.filter(([text]) => text.startsWith(current)).map(([text, description]) => `${text}\t${description}`);
}

type Candidate = readonly [text: string, description: string];

const namesOf = ({ subcommands = [] }: Command): Candidate[] => subcommands.map(({ name, summary }) => [name, summary]);

async function candidatesFor(
  command: Command,
  request: Omit<CompletionRequest, 'option'>,
  current: string,
): Promise<Candidate[]> {
  const options = Object.entries(command.options);
  const previous = request.words.at(-1);
  const [option, definition] =
    options.find(([name, { short }]) => previous === `--${name}` || (short && previous === `-${short}`)) ?? [];
  const withoutDescription = (choices: readonly string[] = []) => choices.map((choice): Candidate => [choice, '']);
  if (definition?.type === 'string')
    return withoutDescription(definition.choices ?? (await command.complete?.({ ...request, option })));
  if (current.startsWith('-')) return options.map(([name, option]) => [flagOf(name, option), option.description]);
  const choices = command.choices ?? (await command.complete?.({ ...request, option: undefined }));
  return [...namesOf(command), ...withoutDescription(choices)];
}
