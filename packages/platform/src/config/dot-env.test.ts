import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { describeUnknownVariables, readDotEnv } from './dot-env.ts';
import { SETTINGS } from './settings.ts';

function folder(content?: string | Uint8Array): string {
  const directory = mkdtempSync(join(tmpdir(), 'prodigon-dot-env-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  if (content !== undefined) writeFileSync(join(directory, '.env'), content);
  return directory;
}

describe('readDotEnv', () => {
  it.each([
    ['a byte order mark', '\ufeffAPI_KEYS=one\nPORT=2\n'],
    ['a byte order mark and Windows line ends', '\ufeffAPI_KEYS=one\r\nPORT=2\r\n'],
  ])('reads the first variable after %s', (_name, text) => {
    expect(readDotEnv(folder(text))).toEqual({ API_KEYS: 'one', PORT: '2' });
  });

  it.each([
    ['with a byte order mark', Buffer.from('\ufeffAPI_KEYS=one\n', 'utf16le')],
    ['without one', Buffer.from('API_KEYS=one\n', 'utf16le')],
    ['in big-endian order', Buffer.from('\ufeffAPI_KEYS=one\n', 'utf16le').swap16()],
  ])('rejects UTF-16 %s by name', (_name, bytes) => {
    expect(() => readDotEnv(folder(bytes))).toThrow('is UTF-16 text; save it as UTF-8');
  });

  it('rejects a folder, and returns nothing without a file', () => {
    const directory = folder();
    expect(readDotEnv(directory)).toEqual({});
    mkdirSync(join(directory, '.env'));
    expect(() => readDotEnv(directory)).toThrow('cannot be read');
  });
});

describe('an unknown variable of .env', () => {
  const known = new Set([...Object.keys(SETTINGS), 'ACME_API_KEY']);

  it.each([
    ['OPENAI_KEY', 'OPENAI_API_KEY'],
    ['OPEN_AI_API_KEY', 'OPENAI_API_KEY'],
    ['API_KEY', 'API_KEYS'],
    ['GROQ_API_KYE', 'GROQ_API_KEY'],
    ['groq_api_key', 'GROQ_API_KEY'],
    ['ACME_KEY', 'ACME_API_KEY'],
    ['OPENAI_API_BASE', 'OPENAI_BASE_URL'],
    ['OPENAI_BASEURL', 'OPENAI_BASE_URL'],
    ['OLLAMA_HOST', 'OLLAMA_BASE_URL'],
    ['PORT', 'GATEWAY_PORT'],
    ['DB_URL', 'DATABASE_URL'],
    ['MODEL', 'DEFAULT_MODEL'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['USE_MOCKS', 'USE_MOCK'],
    ['ALLOWED_ORIGIN', 'ALLOWED_ORIGINS'],
  ])('%s suggests %s', (name, nearest) => {
    expect(describeUnknownVariables(folder(`${name}=hunter2\n`), known)).toEqual([
      `.env sets ${name}, which Prodigon does not know. Did you mean ${nearest}?`,
    ]);
  });

  it('is named without a suggestion when no setting is similar', () => {
    expect(describeUnknownVariables(folder('COMPOSE_PROJECT=1\nX=x\n'), known)).toEqual([
      '.env sets COMPOSE_PROJECT, which Prodigon does not know',
      '.env sets X, which Prodigon does not know',
    ]);
  });

  it('is none of the known variables and their files', () => {
    const text = [...known].map((name) => `${name}=1\n${name}_FILE=/x\n`).join('');
    expect(describeUnknownVariables(folder(text), known)).toEqual([]);
    expect(describeUnknownVariables(folder(), known)).toEqual([]);
  });
});
