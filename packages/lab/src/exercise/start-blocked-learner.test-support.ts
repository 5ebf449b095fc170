// Runs a learner's endless loop, until the test kills this process. Arguments: the driver and the learner's folder.
import { LEARNER_LIMITS, startLearnerProcess } from './learner-process.ts';

const [driver = '', path = '', repositoryFolder = ''] = process.argv.slice(2);
const learner = startLearnerProcess({
  driver,
  module: 'double.ts',
  folder: { path, label: 'my/07' },
  repositoryFolder,
  limits: { ...LEARNER_LIMITS, caseMs: 600_000 },
});
await learner.loaded;
learner.onEvent(() => process.stdout.write(`${learner.pid}\n`));
await learner.call('announce', null);
await learner.call('double', 1);
