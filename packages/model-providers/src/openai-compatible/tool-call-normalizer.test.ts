import { describe, expect, it } from 'vitest';
import { createToolCallNormalizer, normalizeToolCalls, type ToolCallDelta } from './tool-call-normalizer.ts';

const ID = expect.stringMatching(/^call_[0-9a-f]{32}$/);

/** Assembles deltas as OpenAI's clients do. */
function assemble(deltas: readonly (readonly object[])[]) {
  const normalizer = createToolCallNormalizer();
  const all: ToolCallDelta[] = [...deltas.flatMap((delta) => normalizer.normalize(delta)), ...normalizer.complete()];
  const calls: { id?: string | undefined; name?: string | undefined; arguments: string }[] = [];
  for (const { index, id, function: called } of all) {
    const call = calls[index] ?? { id, name: called.name, arguments: '' };
    call.arguments += called.arguments;
    calls[index] = call;
  }
  return calls;
}
const part = (fields: object, args?: unknown, name?: string) => ({
  ...fields,
  function: { ...(name && { name }), ...(args !== undefined && { arguments: args }) },
});
const TWO = [
  { id: 'call_a', name: 'weather', arguments: '{"city":"Bern"}' },
  { id: 'call_b', name: 'time', arguments: '{"tz":"CET"}' },
];

describe('the tool calls of a stream', () => {
  it.each<[string, object[][]]>([
    [
      'valid deltas',
      [
        [part({ index: 0, id: 'call_a', type: 'function' }, '', 'weather')],
        [part({ index: 0 }, '{"city":"Bern"}')],
        [part({ index: 1, id: 'call_b', type: 'function' }, '{"tz":', 'time')],
        [part({ index: 1 }, '"CET"}')],
      ],
    ],
    [
      'null indexes',
      [
        [part({ index: null, id: 'call_a' }, '{"city":"Bern"}', 'weather')],
        [part({ index: null, id: 'call_b' }, '{"tz":"CET"}', 'time')],
      ],
    ],
    [
      'no indexes, in one delta',
      [[part({ id: 'call_a' }, '{"city":"Bern"}', 'weather'), part({ id: 'call_b' }, '{"tz":"CET"}', 'time')]],
    ],
    [
      'no indexes, with arguments in parts',
      [
        [part({ id: 'call_a' }, '{"city":', 'weather')],
        [part({}, '"Bern"}')],
        [part({ id: 'call_b' }, '{"tz":', 'time')],
        [part({}, '"CET"}')],
      ],
    ],
    [
      'equal indexes',
      [
        [part({ index: 0, id: 'call_a' }, '{"city":"Bern"}', 'weather')],
        [part({ index: 0, id: 'call_b' }, '{"tz":"CET"}', 'time')],
      ],
    ],
    [
      'equal indexes, with arguments in parts',
      [
        [part({ index: 0, id: 'call_a' }, '{"city":', 'weather')],
        [part({ index: 0 }, '"Bern"}')],
        [part({ index: 0, id: 'call_b' }, '{"tz":', 'time')],
        [part({ index: 0 }, '"CET"}')],
      ],
    ],
    [
      'ids and names in every delta',
      [
        [part({ index: 0, id: 'call_a' }, '{"city":', 'weather')],
        [part({ index: 0, id: 'call_a' }, '"Bern"}', 'weather')],
        [part({ index: 1, id: 'call_b' }, '{"tz":', 'time')],
        [part({ index: 1, id: 'call_b' }, '"CET"}', 'time')],
      ],
    ],
    [
      'arguments as objects',
      [[part({ index: 0, id: 'call_a' }, { city: 'Bern' }, 'weather'), part({ index: 1, id: 'call_b' }, { tz: 'CET' }, 'time')]],
    ],
    [
      'texts for indexes, interleaved',
      [
        [part({ index: '0', id: 'call_a' }, '', 'weather'), part({ index: '1', id: 'call_b' }, '', 'time')],
        [part({ index: '0' }, '{"city":"Bern"}')],
        [part({ index: '1' }, '{"tz":"CET"}')],
      ],
    ],
    [
      'indexes that start late and skip numbers',
      [
        [part({ index: 1, id: 'call_a' }, '{"city":"Bern"}', 'weather')],
        [part({ index: 1e9, id: 'call_b' }, '{"tz":', 'time')],
        [part({ index: 1e9 }, '"CET"}')],
      ],
    ],
    [
      'ids before names',
      [
        [part({ index: 0, id: 'call_a' })],
        [part({ index: 0 }, '{"city":"Bern"}', 'weather')],
        [part({ index: 1 }, '')],
        [part({ index: 1, id: 'call_b' }, '{"tz":"CET"}', 'time')],
      ],
    ],
    [
      'no object around the name and the arguments',
      [
        [{ index: 0, id: 'call_a', name: 'weather', arguments: { city: 'Bern' } }],
        [{ index: 1, id: 'call_b', function: 'time', arguments: '{"tz":"CET"}' }],
      ],
    ],
  ])('are assembled from %s', (_case, deltas) => {
    expect(assemble(deltas)).toEqual(TWO);
  });

  it.each<[string, object[][]]>([
    ['one index', [[part({ index: 0 }, '{"city":"Bern"}', 'weather')], [part({ index: 0 }, '{"tz":"CET"}', 'time')]]],
    ['no indexes', [[part({}, { city: 'Bern' }, 'weather'), part({}, { tz: 'CET' }, 'time')]]],
    [
      'empty ids',
      [[part({ index: 0, id: '' }, '{"city":"Bern"}', 'weather')], [part({ index: 1, id: null }, '{"tz":"CET"}', 'time')]],
    ],
  ])('get ids when they have none, with %s', (_case, deltas) => {
    const calls = assemble(deltas);
    expect(calls).toEqual(TWO.map((call) => ({ ...call, id: ID })));
    expect(calls[0]?.id).not.toBe(calls[1]?.id);
  });

  it('get another id when theirs belongs to another call', () => {
    const deltas = [
      [part({ index: 0, id: 'call_a' }, '{"city":"Bern"}', 'weather'), part({ index: 1, id: 'call_a' }, '{"tz":', 'time')],
      [part({ index: 1, id: 'call_a' }, '"CET"}')],
    ];
    expect(assemble(deltas)).toEqual([TWO[0], { ...TWO[1], id: ID }]);
  });

  it('have their id and name once, because clients append repeated ones', () => {
    const normalizer = createToolCallNormalizer();
    normalizer.normalize([part({ index: 0, id: 'call_a' }, '{"city":', 'weather')]);
    expect(normalizer.normalize([part({ index: 0, id: 'call_a' }, '"Bern"}', 'weather')])).toEqual([
      { index: 0, function: { arguments: '"Bern"}' } },
    ]);
  });

  it('keep the parts of a name', () => {
    const normalizer = createToolCallNormalizer();
    const deltas = [part({ index: 0, id: 'call_a' }, '', 'get_'), part({ index: 0 }, '{}', 'time')];
    expect(normalizer.normalize(deltas).map((delta) => delta.function.name)).toEqual(['get_', 'time']);
  });

  it.each([
    ['null', null],
    ['missing', undefined],
    ['empty', ''],
  ])('have empty arguments when theirs are %s', (_case, args) => {
    expect(assemble([[part({ index: 0, id: 'call_a' }, args, 'now')]])).toEqual([{ id: 'call_a', name: 'now', arguments: '{}' }]);
  });

  it('are returned as they are when they are valid', () => {
    const normalizer = createToolCallNormalizer();
    const first = part({ index: 0, id: 'call_a', type: 'function' }, '', 'weather');
    const second = part({ index: 0 }, '{}');
    const third = part({ index: 0, id: null }, ' ');
    expect(normalizer.normalize([first])[0]).toBe(first);
    expect(normalizer.normalize([second])[0]).toBe(second);
    expect(normalizer.normalize([third])[0]).toBe(third);
    expect(normalizer.complete()).toEqual([]);
  });

  it('keep the fields of the provider', () => {
    const call = { ...part({ id: 'call_a', extra: 1 }, {}, 'now'), custom: { a: 1 } };
    expect(createToolCallNormalizer().normalize([call, null, 'x'])).toEqual([
      { index: 0, id: 'call_a', type: 'function', extra: 1, custom: { a: 1 }, function: { name: 'now', arguments: '{}' } },
    ]);
  });
});

describe('the tool calls of a message', () => {
  it('are returned as they are when they are valid', () => {
    const call = part({ id: 'call_a', type: 'function' }, '{}', 'now');
    expect(normalizeToolCalls([call])[0]).toBe(call);
  });

  it.each<[string, object]>([
    ['arguments as an object', part({ id: 'call_a', type: 'function' }, { city: 'Bern' }, 'weather')],
    ['no type', part({ id: 'call_a' }, '{"city":"Bern"}', 'weather')],
    ['no object around the name', { id: 'call_a', type: 'function', name: 'weather', arguments: { city: 'Bern' } }],
    ['the name as the function', { id: 'call_a', function: 'weather', arguments: '{"city":"Bern"}' }],
  ])('are repaired: %s', (_case, call) => {
    const called = { name: 'weather', arguments: '{"city":"Bern"}' };
    expect(normalizeToolCalls([call])).toEqual([{ id: 'call_a', type: 'function', function: called }]);
  });

  it('get other ids when they share one', () => {
    const calls = [part({ id: 'call_a', type: 'function' }, '{}', 'now'), part({ id: 'call_a', type: 'function' }, '{}', 'then')];
    expect(normalizeToolCalls(calls)).toMatchObject([{ id: 'call_a' }, { id: ID, function: { name: 'then' } }]);
  });

  it('get empty arguments and ids', () => {
    expect(normalizeToolCalls([part({}, null, 'now'), {}])).toEqual([
      { id: ID, type: 'function', function: { name: 'now', arguments: '{}' } },
      { id: ID, type: 'function', function: { name: '', arguments: '{}' } },
    ]);
  });
});

it('leaves calls of custom tools of OpenAI unchanged', () => {
  const call = { id: 'call_1', type: 'custom', custom: { name: 'exec', input: 'x' } };
  expect(normalizeToolCalls([call])).toEqual([call]);
  const normalizer = createToolCallNormalizer();
  const deltas = [
    { index: 0, ...call },
    { index: 0, custom: { input: 'y' } },
  ];
  expect(normalizer.normalize(deltas)).toEqual(deltas);
  expect(normalizer.complete()).toEqual([]);
});

it.each(['the same id', 'different ids'])('needs linear time for many calls with %s', (ids) => {
  const count = 200_000;
  const idOf = (index: number) => (ids === 'the same id' ? 'same' : `call_${index}`);
  const deltas = Array.from({ length: count }, (_, index) => ({
    index,
    id: idOf(index),
    function: { name: 'f', arguments: '{}' },
  }));
  expect(createToolCallNormalizer().normalize(deltas)).toHaveLength(count);
});
