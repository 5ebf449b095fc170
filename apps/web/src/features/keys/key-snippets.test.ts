import { describe, expect, it } from 'vitest';
import { keySnippets } from './key-snippets.ts';

describe('keySnippets', () => {
  const [curl, typescript, python] = keySnippets({ origin: 'https://ai.example', apiKey: 'prodigon_x', model: 'it\'s"odd' });

  it('addresses the own platform with the new key in every client', () => {
    for (const snippet of [curl, typescript, python]) {
      expect(snippet?.text).toContain('https://ai.example/v1');
      expect(snippet?.text).toContain('prodigon_x');
    }
  });

  it('quotes the name of a model for the shell and for each language', () => {
    expect(curl?.text).toContain(`'{"model":"it'\\''s\\"odd",`);
    expect(typescript?.text).toContain('model: "it\'s\\"odd"');
    expect(python?.text).toContain('model="it\'s\\"odd"');
  });
});
