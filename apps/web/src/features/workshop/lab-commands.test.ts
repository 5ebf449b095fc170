import { expect, it } from 'vitest';
import { labActionsOf } from './lab-commands.ts';

const TASK = { id: '01', slug: 'rest-vs-grpc', lab: 'transports' };

it.each([
  ['./prodigon lab run 01', ['run']],
  ['prodigon lab predict rest-vs-grpc a "why"\nprodigon lab run 1 --quick', ['predict', 'run']],
  ['prodigon lab check 01\nprodigon lab check 01 --only deadline', ['checks']],
  ['$ prodigon lab hint transports', ['checks']],
  // Another task, another command, and text that only mentions one.
  ['prodigon lab run 02', []],
  ['prodigon lab reset 01', []],
  ['echo prodigon lab run 01', []],
  ['prodigon lab constructor 01', []],
])('offers for %j the parts %j of the lab page', (commands, hashes) => {
  expect(labActionsOf(commands, TASK).map(({ hash }) => hash)).toEqual(hashes);
});
