import { type FoundStack, findOrphanedDatabase, findStacks, locateDataDirectory } from '@prodigon/stack';
import { defineCommand } from '../command.ts';
import { JSON_OPTION } from '../command-line-arguments.ts';
import { formatTime } from '../format-numbers.ts';
import { formatTable } from '../format-table.ts';
import { writeJson } from '../write-json.ts';

export const statusCommand = defineCommand({
  name: 'status',
  summary: 'show the processes of the platform',
  options: JSON_OPTION,
  notes: [
    'Checks only the processes; ./prodigon health queries the services. Exits with 1 if a process has ended or is not ready yet.',
  ],
  async run({ values }, context) {
    const dataDirectory = locateDataDirectory(context);
    const stacks = findStacks(dataDirectory);
    const orphan = findOrphanedDatabase(dataDirectory);
    if (values.json) writeJson(toReport(stacks, orphan?.identity.pid), context);
    else {
      const sentences = stacks.length === 0 ? [describeStopped(orphan?.identity.pid)] : stacks.map(describe);
      context.stdout.write(`${sentences.join('\n')}\n`);
    }
    return stacks.every(isComplete) && !orphan ? 0 : 1;
  },
});

/** Returns the stacks with the pid of each process, or null for a process that does not run. */
function toReport(stacks: readonly FoundStack[], orphanedDatabasePid: number | undefined) {
  return {
    stacks: stacks.map(({ phase, state, alive }) => ({
      ...state,
      phase,
      supervisor: state.supervisor.pid,
      processes: state.processes.map(({ process, ...rest }) => ({
        ...rest,
        pid: alive.some((living) => living.process.pid === process?.pid) ? (process?.pid ?? null) : null,
      })),
    })),
    orphaned_database_pid: orphanedDatabasePid ?? null,
  };
}

const HEADINGS = ['PROCESS', 'PID', 'ADDRESS', 'NOTES'];

const isComplete = ({ phase, alive, state }: FoundStack) =>
  phase === 'running' && state.url !== null && alive.length === state.processes.length;

function describeStopped(databasePid: number | undefined): string {
  const database = `, but its database is (pid ${databasePid}); ./prodigon stop stops it`;
  return `Prodigon is not running${databasePid === undefined ? '' : database}.`;
}

function describe({ phase, state, alive }: FoundStack): string {
  const head =
    phase === 'running'
      ? `Prodigon ${state.version} (${state.only ? `${state.only} alone` : state.topology}) runs ${state.url ? `at ${state.url}` : 'but is not ready yet'}, pid ${state.supervisor.pid}, since ${formatTime(state.started_at)}.`
      : `Prodigon was killed without being stopped. ${alive.length === 0 ? 'No process is left.' : 'The processes listed here are left; ./prodigon start or stop cleans them up.'}`;
  const rows = state.processes.map(({ title, process, url, restarts }) => [
    title,
    alive.some((living) => living.process.pid === process?.pid) ? String(process?.pid) : 'not running',
    url ?? 'not ready yet',
    restarts === 0 ? '' : `restarted ${restarts === 1 ? 'once' : `${restarts} times`}`,
  ]);
  return [head, formatTable(rows, HEADINGS)].join('\n');
}
