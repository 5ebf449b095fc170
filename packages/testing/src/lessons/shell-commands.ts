/** A command of a document, as its words without leading variables. */
export interface ShellCommand {
  readonly line: string;
  readonly words: readonly string[];
}

/** Returns the commands of shell code blocks, without comments, and of inline code that begins with `prodigon`. */
export function shellCommandsIn(markdown: string): ShellCommand[] {
  const blocks = [...markdown.matchAll(/^```sh(?: run| setup)?\n([\s\S]*?)^```/gm)].map(([, code = '']) => code);
  const inline = [...markdown.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`((?:\.\/)?prodigon [^`\n]+)`/g)].map(
    ([, code = '']) => code,
  );
  return [...blocks.flatMap((block) => block.replaceAll(/\\\n\s*/g, '').split('\n')), ...inline].flatMap(parseLine);
}

/** Splits a line into its commands at operators, and each command into words. Quotes group, and are removed. */
function parseLine(line: string): ShellCommand[] {
  const commands: string[][] = [[]];
  const tokens = line.matchAll(/((?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\#;]|(?<=\S)#)+)|(#.*)|(;)/g);
  for (const [token, word, comment] of tokens) {
    if (comment !== undefined) break;
    if (word === undefined || /^(?:\||\|\||&&|&)$/.test(word)) commands.push([]);
    else if (!/^\d?[<>]/.test(word) || /^<[a-z]/.test(word)) commands.at(-1)?.push(unquote(token));
  }
  return commands
    .map((words) => words.slice(words.findIndex((word) => !/^[A-Z_]+=/.test(word))))
    .filter((words) => words.length > 0)
    .map((words) => ({ line: line.trim(), words }));
}

const unquote = (word: string) =>
  word.replaceAll(/'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/g, (_, single, double, escaped) => single ?? double ?? escaped);
