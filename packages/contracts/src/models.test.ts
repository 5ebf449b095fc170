import { describe, expect, it } from 'vitest';
import { baseModelId, resolveModelId, unknownModelError } from './models.ts';

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
const translate = (named: string, today = '2026-11-25') => resolveModelId(named, NAMES, today);

describe('the name of a model', () => {
  it('stays as it is when it is its own, or nobody knows it, with its parameters', () => {
    for (const name of ['vendor/large', 'small', 'nobody', 'small?seed=1', '']) {
      expect(translate(name)).toEqual({ model: name, warning: null });
    }
  });

  it('is what an alias stands for', () => {
    expect(translate('large')).toEqual({ model: 'vendor/large', warning: null });
    expect(translate('large?seed=1')).toEqual({ model: 'vendor/large', warning: null });
  });

  it('is the successor from the very day on which the model is gone, with a warning', () => {
    const gone = { model: 'vendor/large', warning: 'old was retired on 2026-08-16: vendor/large answers in its place.' };
    expect([translate('old', '2026-08-16'), translate('old', '2027-01-01')]).toEqual([gone, gone]);
  });

  it('stays until the day before, with a warning and its parameters', () => {
    const warning = 'old will be retired on 2026-08-16. Use vendor/large instead.';
    expect(translate('old', '2026-08-15')).toEqual({ model: 'old', warning });
    expect(translate('old?seed=1', '2026-08-15')).toEqual({ model: 'old?seed=1', warning });
  });

  it('that retires means that before it means an alias', () => {
    expect(translate('big', '2026-12-11').model).toBe('small');
  });

  it('is the last of several successors that are gone themselves, even if the file goes round in circles', () => {
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

  it('is its own before it is an alias of another', () => {
    const models = [
      { id: 'first', aliases: ['second'] },
      { id: 'second', aliases: [] },
    ];
    expect(resolveModelId('second', { models, retired: [] }, '2026-11-25')).toEqual({ model: 'second', warning: null });
  });

  it('is cut where its parameters begin', () => {
    expect(['a?b=c?d', 'a', '?x'].map(baseModelId)).toEqual(['a', 'a', '']);
  });

  it('that nobody knows is told with an end to it', () => {
    const { code, message } = unknownModelError(`${'x'.repeat(1_000)}\n?key=secret`);
    expect(code).toBe('UNKNOWN_MODEL');
    expect(message.length).toBeLessThan(200);
    expect(message).not.toMatch(/secret|\n/);
  });
});
