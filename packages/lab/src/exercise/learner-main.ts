// The entry of the process with the learner's code. Its arguments are the driver of the task, the learner's folder and the secret
// that its messages need.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import type { DriverCommand, LearnerCommand, LearnerDriver, LearnerMessage, ThrownValue } from './learner-messages.ts';

const [driverPath = '', learnerFolder = '', secret = ''] = process.argv.splice(2);
// The learner's code could replace both functions.
const post = process.send?.bind(process);
const exit = process.exit.bind(process);

/** Node's permission model permits signals to other processes, such as one that opens their inspector. */
function denySignals(): void {
  const signals = process as unknown as Record<string, (pid: number, signal?: string | number) => unknown>;
  for (const name of ['kill', '_kill', '_debugProcess']) {
    const original = signals[name]?.bind(process);
    const value = (pid: number, signal?: string | number) => {
      if (pid === process.pid) return original?.(pid, signal);
      throw Object.assign(new Error('Access to this API has been restricted'), { code: 'ERR_ACCESS_DENIED' });
    };
    Object.defineProperty(process, name, { value });
  }
}

function send(message: LearnerMessage, onSent?: () => void): void {
  post?.({ secret, message }, undefined, {}, () => onSent?.());
}

function describeThrown(thrown: unknown): ThrownValue {
  if (!(thrown instanceof Error))
    return {
      isError: false,
      name: '',
      message: inspect(thrown, { depth: 1, breakLength: 120 }).slice(0, 500),
      code: null,
      stack: '',
    };
  const { name, message, stack } = thrown;
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : null;
  return {
    isError: true,
    name: String(name),
    message: String(message).slice(0, 2_000),
    code,
    stack: String(stack).slice(0, 8_000),
  };
}

function watchForEnd(): void {
  const onUncaught = (isRejection: boolean) => (thrown: unknown) =>
    send({ type: 'uncaught', isRejection, thrown: describeThrown(thrown) }, () => exit(1));
  process.on('uncaughtException', onUncaught(false));
  process.on('unhandledRejection', onUncaught(true));
  process.exit = (code) => {
    send({ type: 'exit-called', code: String(code ?? process.exitCode ?? 0), stack: new Error().stack ?? '' });
    return exit(code);
  };
}

async function load(): Promise<Record<string, DriverCommand> | null> {
  const driver: LearnerDriver = (await import(pathToFileURL(driverPath).href)).default;
  watchForEnd();
  denySignals();
  try {
    const module = await import(pathToFileURL(join(learnerFolder, driver.module)).href);
    const missing = driver.exports.find((name) => !(name in module));
    if (missing === undefined) return driver.createCommands(module, (name, value) => send({ type: 'event', name, value }));
    send({ type: 'export-missing', name: missing });
  } catch (thrown) {
    send({ type: 'load-failed', thrown: describeThrown(thrown) });
  }
  return null;
}

async function call(commands: Record<string, DriverCommand>, id: number, name: string, input: unknown): Promise<void> {
  try {
    const command = commands[name] as ((input: unknown) => unknown) | undefined;
    if (!command) throw new Error(`The driver has no command "${name}".`);
    send({ type: 'returned', id, value: await command(input) });
  } catch (thrown) {
    send({ type: 'threw', id, thrown: describeThrown(thrown) });
  }
}

process.on('disconnect', () => exit(0));
const commands = await load();
if (commands) {
  process.on('message', (message: LearnerCommand) => {
    if (message.type === 'ping') send({ type: 'pong', id: message.id });
    else void call(commands, message.id, message.command, message.input);
  });
  send({ type: 'loaded' });
}
