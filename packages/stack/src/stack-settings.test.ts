import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loadStackSettings, locateDataDirectory } from './stack-settings.ts';

function root(dotEnv: string | Uint8Array): string {
  const directory = mkdtempSync(join(tmpdir(), 'prodigon-settings-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, '.env'), dotEnv);
  return directory;
}

it.each([
  ['an invalid setting', 'DATA_DIR=data\nGATEWAY_PORT=none\n', 'data'],
  ['an unreadable file of another setting', 'DATA_DIR=data\nGROQ_API_KEY_FILE=/nowhere\n', 'data'],
  ['an unreadable file of DATA_DIR', 'DATA_DIR_FILE=/nowhere\n', '.prodigon'],
  ['UTF-16', Buffer.from('\ufeffDATA_DIR=data\n', 'utf16le'), '.prodigon'],
])('locates the data directory when .env has %s', (_name, dotEnv, expected) => {
  const options = { env: {}, rootDirectory: root(dotEnv) };
  expect(() => loadStackSettings(options)).toThrow('The configuration has');
  expect(locateDataDirectory(options)).toBe(join(options.rootDirectory, expected));
});
