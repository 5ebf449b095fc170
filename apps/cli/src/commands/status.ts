import { type FoundStack, findOrphanedDatabase, findStacks, loadStackSettings } from '@prodigon/stack';
import type { Command } from '../command.ts';
import { parseCommandLine } from '../command-line-arguments.ts';
import { formatTable } from '../format-table.ts';

export const statusCommand: Command = {
  name: 'status',
  summary: 'show which processes run',
  usage: '  Looks at processes only; health asks the services. Exit code 1 when something that was started has gone.',
  async run(args, context) {
    parseCommandLine({ args, options: {} });
    const { dataDirectory } = loadStackSettings(context);
    const stacks = findStacks(dataDirectory);
    const orphan = findOrphanedDatabase(dataDirectory);
    const sentences = stacks.length === 0 ? [describeNothing(orphan?.identity.pid)] : stacks.map(describe);
    context.stdout.write(`${sentences.join('\n')}\n`);
    return stacks.every(isWhole) && !orphan ? 0 : 1;
  },
};

const isWhole = ({ phase, alive, state }: FoundStack) => phase === 'running' && alive.length === state.processes.length;

function describeNothing(databasePid: number | undefined): string {
  const database = `, but its database still is (pid ${databasePid}); prodigon stop ends it`;
  return `Prodigon is not running${databasePid === undefined ? '' : database}.`;
}

function describe({ phase, state, alive }: FoundStack): string {
  const head =
    phase === 'running'
      ? `Prodigon ${state.version} (${state.only ? `${state.only} alone` : state.topology}) runs ${state.url ? `at ${state.url}` : 'but is not ready yet'}, pid ${state.supervisor.pid}, since ${state.started_at}.`
      : `Prodigon was killed without being stopped. ${alive.length === 0 ? 'Nothing of it runs.' : 'Of it still runs what is listed here; prodigon start or stop clears it.'}`;
  const rows = state.processes.map(({ title, process, url, restarts }) => [
    title,
    alive.some((living) => living.process.pid === process?.pid) ? `pid ${process?.pid}` : 'not running',
    url ?? 'not ready yet',
    restarts === 0 ? '' : `restarted ${restarts === 1 ? 'once' : `${restarts} times`}`,
  ]);
  return [head, formatTable(rows)].join('\n');
}
