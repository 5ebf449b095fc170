import {
  type ConfigurationReport,
  checkConfiguration,
  createStack,
  SERVICES,
  type Stack,
  type StandaloneService,
  type Topology,
  watchSources,
} from '@prodigon/stack';
import { type CommandContext, defineCommand } from '../command.ts';
import { onInterruption } from '../interrupt-signal.ts';
import { parseReplicas } from '../replicas-argument.ts';
import { describeRunning } from '../startup-message.ts';
import { createSupervisorLog, type SupervisorLog } from '../supervisor-log.ts';
import { UsageError } from '../usage-error.ts';

const FORCED_EXIT_CODE = 130;
const TOPOLOGIES = ['services', 'monolith'] as const;

export const startCommand = defineCommand({
  name: 'start',
  summary: 'start the platform and keep it running until Ctrl-C',
  options: {
    topology: {
      type: 'string',
      default: 'services',
      value: TOPOLOGIES.join('|'),
      choices: TOPOLOGIES,
      description: 'one process per service (the default), or everything in one process',
    },
    only: {
      type: 'string',
      value: SERVICES.join('|'),
      choices: SERVICES,
      description: 'start only this service; the configuration contains the addresses of the others',
    },
    replicas: {
      type: 'string',
      value: 'gateway=2,model=2,worker=2',
      description: 'several processes per service; with model=2:8101, the second one uses port 8101',
    },
    watch: { type: 'boolean', default: false, description: 'restart the services when their source changes' },
  },
  notes: ['GATEWAY_PORT, in the environment or in .env, sets the port of the web UI and the API: 8000 by default.'],
  async run({ values }, context) {
    const plan = {
      topology: parseTopology(values.topology),
      only: parseService(values.only, values.topology),
      ...parseReplicas(values.replicas, values),
      fromSource: values.watch,
    };
    const { proxies } = await checkConfiguration(context);
    const log = createSupervisorLog(context);
    const stack = createStack({
      ...context,
      ...plan,
      onEvent: ({ message, type }) => log.report(message, type),
    });
    return runUntilStopped(stack, context, { log, isWatching: values.watch, proxies });
  },
});

async function runUntilStopped(
  stack: Stack,
  context: CommandContext,
  { log, isWatching, proxies }: { log: SupervisorLog; isWatching: boolean; proxies: ConfigurationReport['proxies'] },
): Promise<number> {
  let interrupted = false;
  const removeListeners = onInterruption((times, signal) => {
    interrupted = true;
    if (times > 1) {
      stack.kill();
      process.exit(FORCED_EXIT_CODE);
    }
    const hint = signal === 'SIGINT' ? ' Press Ctrl-C again to stop immediately.' : '';
    log.report(`Stopping: open responses may finish.${hint}`);
    void stack.stop();
  });
  let stopWatching = () => {};
  try {
    const url = await stack.start();
    if (isWatching) stopWatching = watchSources({ ...context, onChange: () => void stack.reload() });
    log.announce(await describeRunning(url, stack, proxies));
    const failure = await stack.ended;
    if (failure) throw failure;
    log.report('Prodigon has stopped.');
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
  const topology = TOPOLOGIES.find((name) => name === text);
  if (topology) return topology;
  throw new UsageError(`--topology must be services or monolith, not "${text}".`);
}

function parseService(text: string | undefined, topology: string): StandaloneService | undefined {
  if (text === undefined) return undefined;
  if (topology !== 'services') throw new UsageError('--only requires --topology services.');
  const service = SERVICES.find((name) => name === text);
  if (!service) throw new UsageError(`--only must be gateway, model or worker, not "${text}".`);
  return service;
}
