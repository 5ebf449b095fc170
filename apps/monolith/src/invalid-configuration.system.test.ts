import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '@prodigon/platform';
import { describe, expect, it } from 'vitest';
import { build, createFolder, shareDatabase, startFailing } from './environment-variables.test-support.ts';

shareDatabase();

describe('an app with invalid variables', () => {
  it('lists all problems without a stack trace and exits with 78', async () => {
    const failure = await startFailing('monolith', { GATEWAY_PORT: 'x', LOG_LEVEL: 'loud' });
    expect(failure.exit.code).toBe(78);
    expect(failure.output).toBe(
      'The configuration has 2 problems:\n  GATEWAY_PORT must be a whole number from 0 to 65535 (it is "x")\n  LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent (it is "loud")\n',
    );
  });
});

describe('an app with an unusable models file', () => {
  it.each([
    ['with unknown or invalid keys', 'providers: { acme: { base_url: ftp://key-in-a-file, modles: {} } }\n', 2],
    ['that is not YAML', 'providers: [\n', 1],
    ['with an undefined alias', 'providers: { acme: *nowhere }\n', 1],
    ['that does not exist', undefined, 1],
  ])('names the file and every problem of one %s', async (_case, text, problems) => {
    const directory = createFolder();
    const file = join(directory, 'models.yaml');
    if (text !== undefined) writeFileSync(file, text);
    const failure = await build('model', { MODELS_FILE: file }).then(
      () => expect.unreachable('It started.'),
      (thrown) => thrown,
    );
    expect(failure).toBeInstanceOf(ConfigurationError);
    expect(failure.message.trimEnd().split('\n')).toHaveLength(1 + problems);
    expect(failure.message).toMatch(/^The configuration has (a problem|\d problems):\n/);
    expect(failure.message).toContain(file);
    expect(failure.message).not.toContain('key-in-a-file');
  });
});
