import { type FoundStack, findOrphanedDatabase, findStacks, locateDataDirectory } from '@prodigon/stack';
import type { Command } from '../command.ts';
import { parseCommandLine } from '../command-line-arguments.ts';
import { formatTable } from '../format-table.ts';

export const statusCommand: Command = {
  name: 'status',
  summary: 'show the processes of the platform',
  usage: '  Checks only the processes; ./prodigon health queries the services. Exits with 1 when a started process is gone.',
  async run(args, context) {
    parseCommandLine({ args, options: {} });
    const dataDirectory = locateDataDirectory(context);
    const stacks = findStacks(dataDirectory);
    const orphan = findOrphanedDatabase(dataDirectory);
    const sentences = stacks.length === 0 ? [describeStopped(orphan?.identity.pid)] : stacks.map(describe);
    context.stdout.write(`${sentences.join('\n')}\n`);
    return stacks.every(isComplete) && !orphan ? 0 : 1;
  },
};

const isComplete = ({ phase, alive, state }: FoundStack) => phase === 'running' && alive.length === state.processes.length;

function describeStopped(databasePid: number | undefined): string {
  const database = `, but its database is (pid ${databasePid}); ./prodigon stop stops it`;
  return `Prodigon is not running${databasePid === undefined ? '' : database}.`;
}

function describe({ phase, state, alive }: FoundStack): string {
  const head =
    phase === 'running'
      ? `Prodigon ${state.version} (${state.only ? `${state.only} alone` : state.topology}) runs ${state.url ? `at ${state.url}` : 'but is not ready yet'}, pid ${state.supervisor.pid}, since ${state.started_at}.`
      : `Prodigon was killed without being stopped. ${alive.length === 0 ? 'No process is left.' : 'The processes listed here are left; ./prodigon start or stop cleans them up.'}`;
  const rows = state.processes.map(({ title, process, url, restarts }) => [
    title,
    alive.some((living) => living.process.pid === process?.pid) ? `pid ${process?.pid}` : 'not running',
    url ?? 'not ready yet',
    restarts === 0 ? '' : `restarted ${restarts === 1 ? 'once' : `${restarts} times`}`,
  ]);
  return [head, formatTable(rows)].join('\n');
}
