import { describe, expect, it } from 'vitest';
import { createRecorder } from './recorder.ts';

describe('the window of a load', () => {
  it('has the tokens and gaps that fall into it, and no others', () => {
    const recorder = createRecorder({ call: { url: '', isStream: true }, check: {}, watch: [] });
    recorder.tokens(5, 1);
    recorder.open();
    recorder.tokens(3, null);
    recorder.tokens(2, 20);
    recorder.close();
    recorder.tokens(7, 1);
    const { tokens, gaps } = recorder.result();
    expect([tokens, gaps?.count, gaps?.min]).toEqual([5, 1, expect.closeTo(20, 1)]);
  });

  it('has no result before it is over', () => {
    const recorder = createRecorder({ call: { url: '' }, check: {}, watch: [] });
    recorder.open();
    expect(() => recorder.result()).toThrow('before its window was over');
  });
});
