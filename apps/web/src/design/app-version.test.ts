import { describe, expect, it } from 'vitest';
import { checkVersion, entryScriptOf, postponeReloadWhile } from './app-version.ts';

const documentWith = (entry: string) =>
  `<!doctype html><head><script src="/theme.js"></script><script type="module" crossorigin src="${entry}"></script></head>`;

/** A tab that runs `/assets/index-old.js`. */
function openTab(fetchDocument: () => Promise<string>) {
  const saved = new Map<string, string>();
  let reloads = 0;
  const dependencies = {
    currentEntry: '/assets/index-old.js',
    fetchDocument,
    storage: {
      getItem: (key: string) => saved.get(key) ?? null,
      setItem: (key: string, value: string) => void saved.set(key, value),
    },
    reload: () => {
      reloads += 1;
    },
  };
  return { check: () => checkVersion(dependencies), reloads: () => reloads };
}

describe('checkVersion', () => {
  it('finds the entry script among the scripts of a document', () => {
    expect(entryScriptOf(documentWith('/assets/index-1.js'))).toBe('/assets/index-1.js');
    expect(entryScriptOf('<h1>502 Bad Gateway</h1>')).toBeUndefined();
  });

  it('reloads a tab once after a deployment', async () => {
    const tab = openTab(async () => documentWith('/assets/index-new.js'));
    expect([await tab.check(), await tab.check()]).toEqual(['new', 'new']);
    expect(tab.reloads()).toBe(1);
  });

  it('does not reload for the same version, for an error page or without a response', async () => {
    const same = openTab(async () => documentWith('/assets/index-old.js'));
    const proxy = openTab(async () => '<h1>502 Bad Gateway</h1>');
    const dead = openTab(async () => {
      throw new TypeError('Failed to fetch');
    });
    expect([await same.check(), await proxy.check(), await dead.check()]).toEqual(['same', 'unreachable', 'unreachable']);
    expect([same.reloads(), proxy.reloads(), dead.reloads()]).toEqual([0, 0, 0]);
  });

  it('does not reload while a response is streaming, but afterwards', async () => {
    let isStreaming = true;
    postponeReloadWhile(() => isStreaming);
    const tab = openTab(async () => documentWith('/assets/index-new.js'));
    expect(await tab.check()).toBe('new');
    expect(tab.reloads()).toBe(0);
    isStreaming = false;
    await tab.check();
    expect(tab.reloads()).toBe(1);
  });
});
