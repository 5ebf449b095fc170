import { PassThrough } from 'node:stream';
import { HOSTILE_PIECES } from '@prodigon/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createLogger, createReadableOutput, createRedactor } from './logger.ts';

describe('createRedactor', () => {
  it.each([
    ['Bearer abcdefgh', '[redacted]'],
    ['Bearer abcdefg', 'Bearer abcdefg'],
    ['Authorization: Bearer abc.def~g+h/i-j==, next', 'Authorization: [redacted], next'],
    [`prodigon_${'0aA'.repeat(13)}, prodigon_requests_total`, '[redacted], prodigon_requests_total'],
    ['sk-12345678 gsk_12345678 pk-1234*678 rk_12345678', '[redacted] [redacted] [redacted] [redacted]'],
    ['sk-1234567', 'sk-1234567'],
    ['task-12345678', 'task-12345678'],
  ])('turns %j into %j', (text, clean) => {
    expect(createRedactor([])(text)).toBe(clean);
  });

  it('redacts every occurrence of each secret of at least eight characters', () => {
    const redact = createRedactor(['eight888', 'seven77', 'a longer secret']);
    expect(redact('eight888 eight888, seven77 and a longer secret')).toBe('[redacted] [redacted], seven77 and [redacted]');
  });
});

describe('log of a terminal', () => {
  it.each(HOSTILE_PIECES)('is not controlled by %j in a message or a field', async (piece) => {
    const shown: string[] = [];
    const written = Promise.withResolvers<void>();
    const terminal = new PassThrough().on('data', (bytes: Buffer) => written.resolve(void shown.push(String(bytes))));
    const destination = createReadableOutput({ isColored: true, destination: terminal });
    const logger = createLogger({ service: 'model', level: 'info', secrets: [], destination });
    logger.info({ model: `a${piece}b`, nested: { text: piece } }, `Failed: c${piece}d`);
    await written.promise;
    // The hostile sequences have other numbers than the colors of the log.
    const text = ['39', '32', '36', '90']
      .map((color) => `\u001b[${color}m`)
      .reduce((rest, color) => rest.replaceAll(color, ''), shown.join(''));
    expect(text).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}|\n./u);
    expect(shown.join('')).toContain('model: Failed: c');
  });
});

describe('createLogger', () => {
  function setUp(level = 'info') {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    const logger = createLogger({ service: 'gateway', level, secrets: ['hunter2hunter2'], destination });
    return { logger, linesOf: () => lines.map((line) => JSON.parse(line)) };
  }

  it('names the service, the process and the time in milliseconds on every line', () => {
    const { logger, linesOf } = setUp();
    for (const time of [
      '2026-03-01T12:00:00.000Z',
      '2026-03-01T12:00:00.007Z',
      '2026-03-01T12:00:00.999Z',
      '2026-03-01T12:00:01.042Z',
    ]) {
      vi.setSystemTime(time);
      logger.info({ time_expected: time }, 'it runs');
    }
    const lines = linesOf();
    expect(lines.map(({ time }) => time)).toEqual(lines.map(({ time_expected }) => time_expected));
    expect(lines[0]).toMatchObject({ level: 30, service: 'gateway', pid: process.pid, msg: 'it runs' });
  });

  it('redacts secrets in all fields of a line', () => {
    const { logger, linesOf } = setUp();
    logger.info({ model: 'hunter2hunter2' }, 'hunter2hunter2');
    expect(linesOf()[0]).toMatchObject({ model: '[redacted]', msg: '[redacted]' });
  });

  it('omits lines below its level', () => {
    const { logger, linesOf } = setUp('warn');
    logger.info('omitted');
    logger.warn('kept');
    expect(linesOf().map(({ msg }) => msg)).toEqual(['kept']);
  });

  it('writes errors with their stack and the type of their cause, and without their messages', () => {
    const { logger, linesOf } = setUp();
    logger.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'it failed');
    expect(linesOf()[0].err).toMatchObject({ type: 'Error', stack: expect.stringContaining('logger.test.ts') });
    expect(linesOf()[0].err.cause).toMatchObject({ type: 'Error' });
    expect(JSON.stringify(linesOf())).not.toMatch(/outer|inner/);
  });

  it('shares standard output and its exit listener between all loggers', () => {
    const exitListeners = () => {
      createLogger({ service: 'gateway', level: 'silent', secrets: [] });
      return process.listenerCount('exit');
    };
    expect(exitListeners()).toBe(exitListeners());
  });
});
