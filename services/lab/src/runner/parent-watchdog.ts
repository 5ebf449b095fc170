import { parentPort, workerData } from 'node:worker_threads';

const POLL_INTERVAL_MS = 500;
const { graceMs } = workerData as { graceMs: number };
const parent = process.ppid;

// When its parent dies, a process gets another parent.
const poll = setInterval(() => {
  if (process.ppid === parent) return;
  clearInterval(poll);
  setTimeout(() => process.kill(-process.pid, 'SIGKILL'), graceMs);
}, POLL_INTERVAL_MS);

parentPort?.postMessage('watching');
