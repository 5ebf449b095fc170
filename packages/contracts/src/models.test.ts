import { describe, expect, it } from 'vitest';
import { baseModelId, forbiddenModelError, resolveModelId, unknownModelError } from './models.ts';

const NAMES = {
  models: [
    { id: 'vendor/large', aliases: ['large', 'big'] },
    { id: 'small', aliases: [] },
  ],
  retired: [
    { id: 'old', provider: 'acme', on: '2026-08-16', use: 'vendor/large' },
    { id: 'big', provider: 'acme', on: '2026-12-11', use: 'small' },
  ],
};
const resolve = (modelId: string, today = '2026-11-25') => resolveModelId(modelId, NAMES, today);

describe('a model id', () => {
  it('is returned unchanged, with its parameters, unless it is an alias or retired', () => {
    for (const name of ['vendor/large', 'small', 'unknown', 'small?seed=1', '']) {
      expect(resolve(name)).toEqual({ model: name, warning: null });
    }
  });

  it('is resolved from an alias', () => {
    expect(resolve('large')).toEqual({ model: 'vendor/large', warning: null });
    expect(resolve('large?seed=1')).toEqual({ model: 'vendor/large', warning: null });
  });

  it('is replaced from the day of the retirement, with a warning', () => {
    const successor = { model: 'vendor/large', warning: 'old was retired on 2026-08-16. vendor/large responds instead.' };
    expect([resolve('old', '2026-08-16'), resolve('old', '2027-01-01')]).toEqual([successor, successor]);
  });

  it('is kept until the day before the retirement, with a warning and its parameters', () => {
    const warning = 'old will be retired on 2026-08-16. Use vendor/large instead.';
    expect(resolve('old', '2026-08-15')).toEqual({ model: 'old', warning });
    expect(resolve('old?seed=1', '2026-08-15')).toEqual({ model: 'old?seed=1', warning });
  });

  it('resolves to the successor of a retired model before an alias', () => {
    expect(resolve('big', '2026-12-11').model).toBe('small');
  });

  it('resolves to the last successor when successors are retired too, even in a cycle', () => {
    const retired = [
      { id: 'one', provider: 'acme', on: '2026-01-01', use: 'two' },
      { id: 'two', provider: 'acme', on: '2026-02-01', use: 'three' },
      { id: 'three', provider: 'acme', on: '2099-01-01', use: 'four' },
      { id: 'left', provider: 'acme', on: '2026-01-01', use: 'right' },
      { id: 'right', provider: 'acme', on: '2026-01-01', use: 'left' },
    ];
    const names = { models: [], retired };
    expect(resolveModelId('one', names, '2026-11-25').model).toBe('three');
    expect(resolveModelId('one', names, '2026-01-15').model).toBe('two');
    expect(resolveModelId('left', names, '2026-11-25').model).toMatch(/left|right/);
  });

  it('takes precedence over an equal alias', () => {
    const models = [
      { id: 'first', aliases: ['second'] },
      { id: 'second', aliases: [] },
    ];
    expect(resolveModelId('second', { models, retired: [] }, '2026-11-25')).toEqual({ model: 'second', warning: null });
  });

  it('is returned without its parameters by baseModelId', () => {
    expect(['a?b=c?d', 'a', '?x'].map(baseModelId)).toEqual(['a', 'a', '']);
  });

  it('is truncated in the error for an unknown model', () => {
    const { code, message } = unknownModelError(`${'x'.repeat(1_000)}\n?key=secret`);
    expect(code).toBe('UNKNOWN_MODEL');
    expect(message.length).toBeLessThan(200);
    expect(message).not.toMatch(/secret|\n/);
  });
});

it('names the list that clients of both APIs can read, for a model that is unknown or not allowed', () => {
  for (const { message } of [unknownModelError('big'), forbiddenModelError('big')])
    expect(message).toContain('"big". GET /v1/models ');
});
