import { join } from 'node:path';
import { runProcess } from '@prodigon/platform';
import { buildLabApp } from './lab-app.ts';

/** Runs the lab service with the folders in `LAB_TEST_FOLDER`, and with a runner whose experiments do what their workloads say. */
const folder = process.env.LAB_TEST_FOLDER ?? '';

await runProcess(
  () =>
    buildLabApp(process.env, {
      workshopDirectory: join(folder, 'workshop'),
      learnerDirectory: join(folder, 'my'),
      runnerEntry: join(import.meta.dirname, '../../../services/lab/src/runner/fake-runner-main.test-support.ts'),
    }),
  process.env,
);
