import { hostname } from 'node:os';

/** Returns the name of this worker in the results of jobs: its host in a container, where every process has the id 1. */
export function workerName(pid = process.pid, host = hostname()): string {
  return pid === 1 ? host : `worker-${pid}`;
}
