import { describe, expect, it } from 'vitest';
import { CONFIGURED_VARIABLE, DIRECTORY_VARIABLE, RUN_ID_VARIABLE } from './probe-report.ts';
import { withProbe } from './with-probe.ts';

const attach = `--import ${new URL('./attach.ts', import.meta.url).href}`;

describe('withProbe', () => {
  it('adds the probe and its settings to the environment', () => {
    expect(withProbe({ LANG: 'C' }, { runId: 'run-1', directory: '/tmp/probe' })).toEqual({
      ...{ LANG: 'C', NODE_OPTIONS: attach },
      ...{ [RUN_ID_VARIABLE]: 'run-1', [DIRECTORY_VARIABLE]: '/tmp/probe' },
    });
  });

  it('names the variables of the configuration', () => {
    const env = withProbe({}, { runId: 'run-1', directory: '/tmp', configured: ['A', 'B'] });
    expect(env).toMatchObject({ [CONFIGURED_VARIABLE]: 'A,B' });
  });

  it('keeps existing NODE_OPTIONS', () => {
    const { NODE_OPTIONS } = withProbe({ NODE_OPTIONS: '--no-warnings' }, { runId: 'run-1', directory: '/tmp' });
    expect(NODE_OPTIONS).toBe(`--no-warnings ${attach}`);
  });

  it('accepts a folder of 88 bytes, and rejects a longer one, whose sockets macOS could not open', () => {
    const add = (length: number) => () => withProbe({}, { runId: 'run-1', directory: 'x'.repeat(length) });
    expect(add(88)).not.toThrow();
    expect(add(89)).toThrow('the path is longer than 88 bytes.');
    expect(() => withProbe({}, { runId: 'run-1', directory: 'ü'.repeat(45) })).toThrow('longer than 88 bytes');
  });
});
