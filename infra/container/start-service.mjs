// The entry point of the images. Waits for the files of secrets and for the database, which Compose starts concurrently, then
// runs a service or a command in this process. Usage:
// start-service.mjs gateway|model|worker|migrate|backup|restore|keys ...
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** A file in this folder is the setting of the same name. */
const SECRETS = '/run/secrets';
/** Commands of `prodigon` that use the database. The image `prodigon-migrate` runs them. */
const DATABASE_COMMANDS = ['migrate', 'backup', 'restore'];
/** The gateway and the model service can start without a database. */
const NEEDS_DATABASE = ['worker', ...DATABASE_COMMANDS];

const [name = '', ...parameters] = process.argv.slice(2);
const isCommand = name === 'keys' || DATABASE_COMMANDS.includes(name);
const { env } = process;
/** A command that a signal interrupts must not look successful. */
const stop = () => process.exit(isCommand ? 143 : 0);
// A process with the id 1 ignores signals that it does not handle. The service replaces these handlers with its own.
process.on('SIGTERM', stop).on('SIGINT', stop).on('newListener', yieldTo);

for (const [variable, path] of Object.entries(env)) {
  if (!variable.endsWith('_FILE') || !path?.startsWith(`${SECRETS}/`)) continue;
  await waitUntil(`the file ${path} of ${variable}`, () => existsSync(path));
}
for (const setting of existsSync(SECRETS) ? readdirSync(SECRETS) : [])
  if (/^[A-Z][A-Z0-9_]*$/.test(setting) && !env[setting]?.trim()) env[`${setting}_FILE`] ??= `${SECRETS}/${setting}`;

const database = databaseAddress();
if (database && NEEDS_DATABASE.includes(name))
  await waitUntil(`the database at ${database.host}:${database.port}`, () => accepts(database));

if (name === 'keys') useOwnGateway();
const { main } = await import(`../../apps/${isCommand ? 'cli' : name}/dist/main.mjs`);
if (isCommand) process.exitCode = await main([name, ...parameters]);

/** Removes the handler of a signal when the service adds its own. */
function yieldTo(event, listener) {
  if (listener !== stop && ['SIGTERM', 'SIGINT'].includes(event)) setImmediate(() => process.off(event, stop));
}

/** Makes `keys` manage the keys of the gateway in this container, with the internal token. It never sends the token elsewhere. */
function useOwnGateway() {
  const [subcommand = '-'] = parameters;
  if (subcommand.startsWith('-') || parameters.some((text) => /^--url(?:=|$)/.test(text))) return;
  parameters.push('--url', `http://127.0.0.1:${env.GATEWAY_PORT?.trim() || 8000}`);
  env.PRODIGON_API_KEY ??= env.INTERNAL_TOKEN?.trim() || readFileSync(env.INTERNAL_TOKEN_FILE, 'utf8').trim();
}

/** Checks every second, and logs once what is missing. */
async function waitUntil(subject, isReady) {
  for (let attempt = 1; !(await isReady()); attempt += 1) {
    if (attempt === 2) process.stderr.write(`Waiting for ${subject}.\n`);
    await wait(1_000);
  }
}

function databaseAddress() {
  const path = env.DATABASE_URL_FILE;
  const text = env.DATABASE_URL?.trim() || (path && existsSync(path) ? readFileSync(path, 'utf8').trim() : '');
  const url = URL.parse(text);
  return url?.hostname ? { host: url.hostname, port: Number(url.port || 5432) } : undefined;
}

function accepts(address) {
  return new Promise((resolve) => {
    const socket = connect({ ...address, timeout: 5_000 }, () => settle(true));
    const settle = (isOpen) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.on('error', () => settle(false)).on('timeout', () => settle(false));
  });
}
