import { writeFileSync } from 'node:fs';

/**
 * Sets the name that `top`, `ps -o comm` and `ss` show, cut to 15 characters; Node calls every process `MainThread`. Unlike
 * `process.title`, it keeps the command line. Only Linux has such a name.
 */
export function setProcessName(name: string): void {
  if (process.platform !== 'linux') return;
  try {
    writeFileSync('/proc/self/comm', name);
  } catch {
    // A container may mount /proc read-only.
  }
}
