import { type ChildProcess, fork } from 'node:child_process';
import cluster from 'node:cluster';
import { join } from 'node:path';
import { createConnectionDistributor } from '@prodigon/stack';

/**
 * Runs servers that share a port: `node supervisor.ts <variant> <count> <port>`. Prints a line with the pids when they are
 * ready. Restarts a server that ends.
 */
const [variant = '', countText = '1', portText = '0'] = process.argv.slice(2);
const entry = join(import.meta.dirname, 'server.ts');
const distributor = createConnectionDistributor();
const children: ChildProcess[] = [];

function start(): ChildProcess {
  if (variant === 'cluster round-robin' || variant === 'cluster shared socket') {
    cluster.schedulingPolicy = variant === 'cluster shared socket' ? cluster.SCHED_NONE : cluster.SCHED_RR;
    cluster.setupPrimary({ exec: entry, args: ['listen', portText] });
    return cluster.fork().process as ChildProcess;
  }
  const mode = variant === 'handoff' ? 'handoff' : variant === 'SO_REUSEPORT' ? 'reuse-port' : 'listen';
  const child = fork(entry, [mode, portText]);
  if (mode === 'handoff') distributor.attach(child);
  return child;
}

async function startReady(): Promise<ChildProcess> {
  const child = start();
  child.once('exit', () => void startReady());
  await new Promise<void>((resolve) => {
    child.on('message', (message: { type?: string }) => message?.type === 'ready' && resolve());
  });
  return child;
}

if (variant === 'handoff')
  await distributor.listen({ host: '127.0.0.1', hostVariable: '', port: Number(portText), portVariable: '' });
for (let index = 0; index < Number(countText); index += 1) children.push(await startReady());
process.stdout.write(`${JSON.stringify(children.map(({ pid }) => pid))}\n`);
process.stdin.resume().on('end', () => process.exit());
