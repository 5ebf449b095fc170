import { parseArgs } from 'node:util';
import { untilInterrupted } from '@prodigon/lab';
import { runSoak, SOAK_MINUTES } from './run-soak.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: String(SOAK_MINUTES) },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
  },
});
const minutes = Number(values.minutes);
if (!(minutes > 0)) {
  process.stderr.write('--minutes takes a number above 0.\n');
  process.exit(2);
}
process.exit(await untilInterrupted((signal) => runSoak({ minutes, seed: values.seed, signal })));
