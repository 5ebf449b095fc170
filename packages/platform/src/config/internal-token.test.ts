import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readInternalToken, resolveInternalToken } from './internal-token.ts';
import { ConfigurationError } from './load-configuration.ts';

function folder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'prodigon-token-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

it('returns the configured token and stores nothing', () => {
  const directory = join(folder(), 'data');
  expect(resolveInternalToken('configured', directory)).toBe('configured');
  expect(existsSync(directory)).toBe(false);
});

it('generates one token of 32 random bytes for each data directory', () => {
  const parent = folder();
  const [one, other] = [join(parent, 'one'), join(parent, 'deep/other')];
  const token = resolveInternalToken(undefined, one);
  expect(token).toMatch(/^[0-9a-f]{64}$/);
  expect(resolveInternalToken(undefined, one)).toBe(token);
  expect(resolveInternalToken(undefined, other)).not.toBe(token);
});

it('stores the token where only its owner can read it', () => {
  const directory = join(folder(), 'data');
  resolveInternalToken(undefined, directory);
  expect(statSync(join(directory, 'internal-token')).mode & 0o777).toBe(0o600);
  // Root keeps its directory traversable, because its database runs as another user.
  expect(statSync(directory).mode & 0o777).toBe(process.getuid?.() === 0 ? 0o711 : 0o700);
});

it('reads a stored token without its line end', () => {
  const directory = folder();
  writeFileSync(join(directory, 'internal-token'), 'stored-by-hand\n');
  expect(resolveInternalToken(undefined, directory)).toBe('stored-by-hand');
});

it('reports a data directory that cannot hold the token, with the reason and both remedies', () => {
  const path = join(folder(), 'file');
  writeFileSync(path, '');
  chmodSync(path, 0o600);
  const resolve = () => resolveInternalToken(undefined, path);
  expect(resolve).toThrow(ConfigurationError);
  expect(resolve).toThrow(/internal-token \((?:EEXIST|ENOTDIR)\): set DATA_DIR to a writable folder, or set INTERNAL_TOKEN/);
});

it('reads the configured or the stored token without storing one', () => {
  const directory = join(folder(), 'data');
  expect(readInternalToken('configured', directory)).toBe('configured');
  expect(readInternalToken(undefined, directory)).toBeUndefined();
  expect(existsSync(directory)).toBe(false);
  const token = resolveInternalToken(undefined, directory);
  expect(readInternalToken(undefined, directory)).toBe(token);
});
