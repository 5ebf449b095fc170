import { expect, it } from 'vitest';
import { workerName } from './worker-name.ts';

it('names a worker by its process, and in a container by its host', () => {
  expect(workerName(4711, 'machine')).toBe('worker-4711');
  expect(workerName(1, 'worker-6d4cf56db6-x7k2p')).toBe('worker-6d4cf56db6-x7k2p');
});
