import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';

/** Keeps unit tests unit tests: a call that starts a process throws. */
for (const name of ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork']) {
  const fail = () => {
    throw new Error(`A unit test cannot start a process (${name}). Name its file *.system.test.ts.`);
  };
  Object.assign(childProcess, { [name]: fail });
}
syncBuiltinESMExports();
