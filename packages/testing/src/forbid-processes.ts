import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';

/** Keeps unit tests unit tests: whatever starts a process throws. */
for (const name of ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork'] as const) {
  Object.assign(childProcess, {
    [name]: () => {
      throw new Error(`A unit test cannot start a process (${name}). Name its file *.system.test.ts.`);
    },
  });
}
syncBuiltinESMExports();
