import { inspectStack, loadStackSettings, type StackStatus } from '@prodigon/stack';
import { parseCommandLine } from '../arguments.ts';
import type { Command } from '../command.ts';
import { formatTable } from '../format-table.ts';

export const statusCommand: Command = {
  name: 'status',
  summary: 'show which processes run',
  usage: '  Looks at processes only; health asks the services. Exit code 1 when something that was started has gone.',
  async run(args, context) {
    parseCommandLine({ args, options: {} });
    const status = inspectStack(loadStackSettings(context).dataDirectory);
    context.stdout.write(`${describe(status)}\n`);
    const isWhole = status.phase === 'running' && status.alive.length === status.state.processes.length;
    return isWhole || status.phase === 'stopped' ? 0 : 1;
  },
};

function describe(status: StackStatus): string {
  if (status.phase === 'stopped') return 'Prodigon is not running.';
  const { state, alive } = status;
  const head =
    status.phase === 'running'
      ? `Prodigon ${state.version} (${state.topology}) runs ${state.url ? `at ${state.url}` : 'but is not ready yet'}, pid ${state.supervisor.pid}, since ${state.started_at}.`
      : `Prodigon was killed without being stopped. ${alive.length === 0 ? 'Nothing of it runs.' : 'Of it still runs what is listed here; prodigon start or stop clears it.'}`;
  const rows = state.processes.map(({ service, title, process, url, restarts }) => [
    title,
    alive.some((living) => living.service === service) ? `pid ${process?.pid}` : 'not running',
    url ?? 'not ready yet',
    restarts === 0 ? '' : `restarted ${restarts === 1 ? 'once' : `${restarts} times`}`,
  ]);
  return [head, formatTable(rows)].join('\n');
}
