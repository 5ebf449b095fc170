import {
  checkConfiguration,
  createStack,
  SERVICES,
  type Stack,
  type StandaloneService,
  type Topology,
  watchSources,
} from '@prodigon/stack';
import { type Command, type CommandContext, UsageError } from '../command.ts';
import { parseCommandLine } from '../command-line-arguments.ts';
import { onInterruption } from '../interrupt-signal.ts';
import { parseReplicas } from '../replicas-argument.ts';
import { describeRunning } from '../startup-message.ts';

const FORCED_EXIT_CODE = 130;

export const startCommand: Command = {
  name: 'start',
  summary: 'start the platform and keep it running until Ctrl-C',
  usage: [
    '  --topology services|monolith   one process per service (the default), or everything in one process',
    '  --only gateway|model|worker    one service alone; the configuration locates the others',
    '  --replicas model=2,worker=2    several processes per service, which share the work',
    '  --watch                        restart the services when their source changes',
  ].join('\n'),
  async run(args, context) {
    const { values } = parseCommandLine({
      args,
      options: {
        topology: { type: 'string', default: 'services' },
        only: { type: 'string' },
        replicas: { type: 'string' },
        watch: { type: 'boolean', default: false },
      },
    });
    const plan = {
      topology: parseTopology(values.topology),
      only: parseService(values.only, values.topology),
      replicas: parseReplicas(values.replicas, values),
      fromSource: values.watch,
    };
    await checkConfiguration(context);
    const stack = createStack({
      ...context,
      ...plan,
      onEvent: ({ message }) => void context.stderr.write(`${message}\n`),
    });
    return runUntilStopped(stack, context, values.watch);
  },
};

async function runUntilStopped(stack: Stack, context: CommandContext, isWatching: boolean): Promise<number> {
  let interrupted = false;
  const removeListeners = onInterruption((times, signal) => {
    interrupted = true;
    if (times > 1) {
      stack.kill();
      process.exit(FORCED_EXIT_CODE);
    }
    const hint = signal === 'SIGINT' ? ' Press Ctrl-C again to stop immediately.' : '';
    context.stderr.write(`Stopping: open responses may finish.${hint}\n`);
    void stack.stop();
  });
  let stopWatching = () => {};
  try {
    const url = await stack.start();
    if (isWatching) stopWatching = watchSources({ ...context, onChange: () => void stack.reload() });
    context.stdout.write(`\n${await describeRunning(url, stack, context.env.PRODIGON_API_KEY)}\n\n`);
    const failure = await stack.ended;
    if (failure) throw failure;
    context.stderr.write('Prodigon has stopped.\n');
    return 0;
  } catch (error) {
    if (interrupted) return 0;
    throw error;
  } finally {
    stopWatching();
    removeListeners();
  }
}

function parseTopology(text: string): Topology {
  if (text === 'services' || text === 'monolith') return text;
  throw new UsageError(`--topology must be services or monolith, not "${text}".`);
}

function parseService(text: string | undefined, topology: string): StandaloneService | undefined {
  if (text === undefined) return undefined;
  if (topology !== 'services') throw new UsageError('--only requires --topology services.');
  const service = SERVICES.find((name) => name === text);
  if (!service) throw new UsageError(`--only must be gateway, model or worker, not "${text}".`);
  return service;
}
