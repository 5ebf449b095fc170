import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';

/** Makes every function that starts a process throw, because unit tests must not start processes. */
for (const name of ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork']) {
  const throwError = () => {
    throw new Error(`A unit test cannot start a process (${name}). Name its file *.system.test.ts.`);
  };
  Object.assign(childProcess, { [name]: throwError });
}
syncBuiltinESMExports();
