import { join } from 'node:path';
import { defineCommand } from '../command.ts';
import { COMPLETE } from '../complete-arguments.ts';
import { UsageError } from '../usage-error.ts';

/** The script of each shell. It calls `launcher` by its absolute path, because the typed path may contain a `~`. */
const SCRIPTS: Readonly<Record<string, (launcher: string) => string>> = {
  bash: (launcher) => `_prodigon() {
  local IFS=$'\\n'
  COMPREPLY=($(${launcher} ${COMPLETE} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f 1))
}
complete -o default -F _prodigon prodigon`,
  zsh: (launcher) => `_prodigon() {
  local -a candidates
  candidates=("\${(@f)$(${launcher} ${COMPLETE} "\${(@)words[2,CURRENT]}" 2>/dev/null | sed 's/:/\\\\:/g' | tr '\\t' ':')}")
  if [[ -n $candidates[1] ]]; then _describe prodigon candidates; else _files; fi
}
compdef _prodigon prodigon`,
  fish: (launcher) => `complete -c prodigon -a "(${launcher} ${COMPLETE} (commandline -opc)[2..] (commandline -ct))"`,
};

export const completionCommand = defineCommand({
  name: 'completion',
  summary: 'print a script that completes commands in a shell',
  parameters: Object.keys(SCRIPTS).join('|'),
  choices: Object.keys(SCRIPTS),
  options: {},
  notes: [
    'bash: source <(./prodigon completion bash)',
    'zsh, after compinit: source <(./prodigon completion zsh)',
    'fish: ./prodigon completion fish | source',
  ],
  async run({ positionals }, { rootDirectory, stdout }) {
    const [shell = '', ...others] = positionals;
    if (others.length > 0 || !Object.hasOwn(SCRIPTS, shell)) throw new UsageError('Name one shell: bash, zsh or fish.');
    const launcher = `'${join(rootDirectory, 'prodigon').replaceAll("'", `'\\''`)}'`;
    stdout.write(`${SCRIPTS[shell]?.(launcher)}\n`);
    return 0;
  },
});
