import { expect, it } from 'vitest';
import { startCommand } from '../../apps/cli/src/commands/start.ts';
import { findStartProblem, START_OPTIONS } from './start-arguments.mjs';

it('knows the options of prodigon start', () => {
  const types = Object.entries(startCommand.options).map(([name, { type }]) => [name, { type }]);
  expect(START_OPTIONS).toEqual(Object.fromEntries(types));
});

it.each([['--port', '28731'], ['--port=28731'], ['28731'], ['--topology']])('rejects npm start -- %s %s', (...args) => {
  expect(findStartProblem(args)).toMatch(/^\w.*\. The options are --topology, .*\. GATEWAY_PORT sets the port\.$/);
});

it.each([[], ['--help'], ['-h'], ['--topology', 'monolith', '--watch'], ['--no-watch', '--replicas=model=2']])(
  'accepts npm start -- %s %s %s',
  (...args) => {
    expect(findStartProblem(args)).toBeUndefined();
  },
);
