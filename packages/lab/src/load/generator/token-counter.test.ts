import { describe, expect, it } from 'vitest';
import { END_EVENT, tokenEvent } from '../../test-server.test-support.ts';
import { OPENAI_STREAM } from '../load-plan.ts';
import { createTokenCounter } from './token-counter.ts';

const STREAM = Buffer.from(
  [tokenEvent(''), tokenEvent('Grüße'), tokenEvent('"content":"x'), tokenEvent('\n\n'), tokenEvent('.'), END_EVENT].join(''),
);

describe('createTokenCounter', () => {
  it('counts each token once, at every chunk boundary', () => {
    for (let cut = 0; cut <= STREAM.length; cut += 1) {
      const counter = createTokenCounter(OPENAI_STREAM);
      const count = counter.read(STREAM.subarray(0, cut)) + counter.read(STREAM.subarray(cut));
      expect([count, counter.isAtEnd()], `cut at ${cut}`).toEqual([4, true]);
    }
  });

  it('counts tokens that arrive byte by byte', () => {
    const counter = createTokenCounter(OPENAI_STREAM);
    let count = 0;
    for (const byte of STREAM) count += counter.read(Buffer.of(byte));
    expect(count).toBe(4);
  });

  it('is at the end only after the line with the end mark is complete', () => {
    const counter = createTokenCounter(OPENAI_STREAM);
    counter.read(Buffer.from('data: [DO'));
    expect(counter.isAtEnd()).toBe(false);
    counter.read(Buffer.from('NE]'));
    expect(counter.isAtEnd()).toBe(false);
    counter.read(Buffer.from('\n'));
    expect(counter.isAtEnd()).toBe(true);
    counter.read(Buffer.from('\n'));
    expect(counter.isAtEnd()).toBe(true);
  });

  it('counts tokens of the lines that are complete', () => {
    const counter = createTokenCounter({ token: 't:', end: 'end' });
    expect(counter.read(Buffer.from('t:a t:b t:" t:'))).toBe(0);
    expect(counter.read(Buffer.from('c\nt:d'))).toBe(3);
    expect(counter.read(Buffer.from('\n'))).toBe(1);
  });

  it('counts adjacent marks and marks at the start of the stream', () => {
    const counter = createTokenCounter({ token: 't:', end: 'end' });
    expect(counter.read(Buffer.from('t:t:t:x\n'))).toBe(3);
  });
});
