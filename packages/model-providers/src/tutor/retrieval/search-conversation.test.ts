import { markdownSections } from '@prodigon/content';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildPassageIndex, type PassageIndex } from './passage-index.ts';
import { searchConversation } from './search-conversation.ts';

const PAGES = {
  cache: '# Caching\n\nCaching keeps responses.\n\n## Expiry of a cache\n\nA cache entry expires after its lifetime.\n',
  balance: '# Load balancing\n\nA load balancer spreads requests over replicas.\n',
  keys: '# Key rotation\n\nRotate an API key every month.\n',
};
let index: PassageIndex;

beforeAll(async () => {
  const pages = Object.entries(PAGES).map(([name, markdown]) => markdownSections({ path: `${name}.md`, title: name, markdown }));
  index = await buildPassageIndex(pages, async () => {});
});

/** Searches a conversation whose turns alternate between user and assistant. Returns the anchors of the passages. */
function search(...turns: string[]): string[] {
  const messages = turns.map((content, turn) => ({ role: turn % 2 === 0 ? ('user' as const) : ('assistant' as const), content }));
  return searchConversation(messages, index).passages.map(({ section }) => section.anchor);
}

describe('a search in a conversation', () => {
  it('finds nothing without a user turn', () => {
    expect(search()).toEqual([]);
    expect(searchConversation([{ role: 'assistant', content: 'load balancing' }], index).passages).toEqual([]);
  });

  it('does the same work for 2,048 long messages as for the latest ones', () => {
    let lookUps = 0;
    const counting: PassageIndex = {
      ...index,
      has(stem) {
        lookUps += 1;
        return index.has(stem);
      },
    };
    const work = (count: number, words: number) => {
      lookUps = 0;
      const filler = Array.from({ length: words }, (_, word) => `nothing${word}`).join(' ');
      const messages = Array.from({ length: count }, (_, turn) => ({
        role: turn % 2 === 0 ? ('user' as const) : ('assistant' as const),
        content: `zero ${filler}`,
      }));
      searchConversation([...messages, { role: 'user', content: 'and why?' }], counting);
      return lookUps;
    };
    expect(work(2_048, 400)).toBe(work(16, 400));
    expect(work(16, 40_000)).toBe(work(16, 4_000));
    expect(work(16, 400)).toBeGreaterThan(0);
  });

  it('ignores earlier turns when the newest one names its subject', () => {
    expect(search('How does load balancing work?', 'So.', 'How does key rotation work?')).toEqual(['key-rotation']);
  });

  it('adds the words of earlier turns when the newest one refers back', () => {
    expect(search('How does load balancing work?', 'So.', 'And what about its replicas?')[0]).toBe('load-balancing');
    expect(search('How does load balancing work?', 'So.', 'why?')[0]).toBe('load-balancing');
  });

  it('uses the latest earlier turn that names a subject', () => {
    expect(search('load balancing', 'So.', 'key rotation', 'So.', 'why?')[0]).toBe('key-rotation');
    expect(search('load balancing', 'So.', 'ok', 'So.', 'why?')[0]).toBe('load-balancing');
  });

  it('looks back six user turns', () => {
    const turnsAfter = (count: number) => [
      'load balancing',
      'So.',
      ...Array(count - 1)
        .fill(['ok', 'So.'])
        .flat(),
      'why?',
    ];
    expect(search(...turnsAfter(6))).toEqual(['load-balancing']);
    expect(search(...turnsAfter(7))).toEqual([]);
  });

  it('prefers passages that no response has linked to', () => {
    expect(search('caching', 'So.', 'why?')[0]).toBe('caching');
    expect(search('caching', 'See [Caching](/read/cache.md#caching).', 'why?')[0]).toBe('expiry-of-a-cache');
  });
});
