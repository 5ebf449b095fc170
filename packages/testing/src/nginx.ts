import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { PROGRAMS, requireProgram } from './find-program.ts';
import { reservePort } from './reserve-port.ts';
import { runProgram } from './run-program.ts';
import { scratchDirectory } from './shared-resources.ts';

const CONFIGURATIONS = resolve(import.meta.dirname, '../../../infra/nginx');
/** Ends nginx by the signal on the pipe between them, or when this process exits, which closes the pipe. */
const SCRIPT = '"$@" & pid=$!; read -r signal || signal=TERM; kill "-$signal" "$pid"; wait "$pid"';
/** Runs the workers as the user of the tests, whose files they serve. */
const DIRECTIVES = process.getuid?.() === 0 ? 'daemon off; user root;' : 'daemon off;';

export interface Nginx {
  /** The folder with its temporary files, e.g. `client-body`. */
  readonly folder: string;
  /** Process ids of the workers. */
  workers(): number[];
  /** The access log. */
  log(): string;
  /** Loads the configuration with other addresses instead of its names, as `nginx -s reload` does. */
  reload(upstreams: NonNullable<NginxOptions['upstreams']>): void;
  /** Ends when all responses are complete. */
  quit(): Promise<void>;
  close(): Promise<void>;
}

export interface NginxOptions {
  /** A file in `infra/nginx`. */
  readonly configuration: string;
  /** The port that the tests can connect to, instead of each port in the configuration. */
  readonly ports: Readonly<Record<number, number>>;
  /** Addresses instead of the names in the configuration, e.g. `gateway:8000`. */
  readonly upstreams?: Readonly<Record<string, readonly string[]>>;
  /** Paths instead of those of the image. */
  readonly paths?: Readonly<Record<string, string>>;
  /** Further files in the folder of temporary files, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Starts nginx with a configuration of `infra/nginx`, changed only in its addresses and paths. */
export async function startNginx(options: NginxOptions): Promise<Nginx> {
  const folder = createFolder();
  writeConfigurations(folder, options);
  const program = [requireProgram(PROGRAMS.nginx), '-c', join(folder, options.configuration), '-e', 'stderr', '-g', DIRECTIVES];
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'sh', ...program], { stdio: ['pipe', 'ignore', 'pipe'] });
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => (output += part));
  const exited = once(child, 'exit');
  let hasExited = false;
  void exited.then(() => (hasExited = true));
  for (const port of Object.values(options.ports)) {
    while (!(await isListening(port))) {
      if (hasExited) throw new Error(`nginx did not start:\n${output}`);
      await wait(10);
    }
  }
  const master = () => readFileSync(join(folder, 'nginx.pid'), 'utf8').trim();
  return {
    folder,
    workers: () => readFileSync(`/proc/${master()}/task/${master()}/children`, 'utf8').trim().split(' ').map(Number),
    log: () => readFileSync(join(folder, 'access.log'), 'utf8'),
    reload(upstreams) {
      writeConfigurations(folder, { ...options, upstreams });
      process.kill(Number(master()), 'SIGHUP');
    },
    async quit() {
      child.stdin.end('QUIT\n');
      await exited;
    },
    async close() {
      child.stdin.end();
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Checks a configuration of `infra/nginx` as `nginx -t` does. */
export async function checkNginxConfiguration(options: NginxOptions): Promise<{ code: number | null; output: string }> {
  const folder = createFolder();
  writeConfigurations(folder, options);
  const parameters = ['-t', '-c', join(folder, options.configuration), '-e', 'stderr', '-g', DIRECTIVES];
  const result = await runProgram(requireProgram(PROGRAMS.nginx), parameters, {});
  rmSync(folder, { recursive: true, force: true });
  return result;
}

/** Returns as many free ports as `ports` names, by the port in the configuration. */
export async function reserveNginxPorts<const Port extends number>(...ports: readonly Port[]): Promise<Record<Port, number>> {
  const entries: [Port, number][] = [];
  for (const port of ports) entries.push([port, await reservePort()]);
  return Object.fromEntries(entries) as Record<Port, number>;
}

function createFolder(): string {
  const folder = mkdtempSync(join(scratchDirectory(), 'nginx-'));
  chmodSync(folder, 0o711);
  mkdirSync(join(folder, 'client-body'));
  return folder;
}

function writeConfigurations(folder: string, { ports, upstreams = {}, paths = {}, files = {} }: NginxOptions): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const replaced = { '/tmp/': `${folder}/`, '/dev/stdout': join(folder, 'access.log'), ...paths };
  for (const name of readdirSync(CONFIGURATIONS).filter((each) => each.endsWith('.conf'))) {
    let text = readFileSync(join(CONFIGURATIONS, name), 'utf8');
    for (const [path, other] of Object.entries(replaced)) text = text.replaceAll(path, other);
    text = text.replace(/\blisten (\d+)/g, (line, port: string) => {
      const other = ports[Number(port)];
      return other === undefined ? line : `listen 127.0.0.1:${other}`;
    });
    text = text.replace(/^ *server (\S+:\d+)(.*)$/gm, (_line, address: string, rest: string) =>
      (upstreams[address] ?? ['127.0.0.1:9']).map((each) => `server ${each}${rest}`).join('\n'),
    );
    writeFileSync(join(folder, name), text);
  }
}

/** Connects without a request, which the upstreams would see. */
function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    }).once('error', () => resolve(false));
  });
}
