import { expect, it } from 'vitest';
import { createScrollPositions } from './scroll-positions.ts';

/** A browser history whose entries carry keys. */
function createHistory() {
  const keys: (string | undefined)[] = [undefined];
  let index = 0;
  const setKey = (key: string | undefined) => {
    keys[index] = key;
  };
  return {
    entries: { key: () => keys[index], assignKey: setKey },
    push() {
      index += 1;
      setKey(undefined);
    },
    replace: () => setKey(undefined),
    back() {
      index -= 1;
    },
  };
}

const at = (top: number) => ({ anchorId: null, offset: 0, top });

it('returns the position of an entry after Back, also after a reload', () => {
  const history = createHistory();
  const saved = new Map<string, string>();
  const storage = {
    getItem: (key: string) => saved.get(key) ?? null,
    setItem: (key: string, value: string) => void saved.set(key, value),
  };
  const positions = createScrollPositions(history.entries, storage);
  positions.record(positions.currentKey(), at(300));
  history.push();
  positions.onNavigation();
  expect(positions.current()).toBeUndefined();
  positions.record(positions.currentKey(), at(50));
  history.back();
  positions.onNavigation();
  expect(positions.current()).toEqual(at(300));
  positions.save();
  expect(createScrollPositions(history.entries, storage).current()).toEqual(at(300));
});

it('keeps the position of a replaced entry, for example of another model in the URL', () => {
  const history = createHistory();
  const positions = createScrollPositions(history.entries, { getItem: () => 'damaged', setItem: () => {} });
  positions.record(positions.currentKey(), at(300));
  history.replace();
  positions.onNavigation(true);
  expect(positions.current()).toEqual(at(300));
});
