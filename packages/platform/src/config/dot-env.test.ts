import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findMalformedLines, findUnknownVariables, readDotEnv } from './dot-env.ts';
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

describe('findMalformedLines', () => {
  it.each([
    ['without an equals sign', 'GROQ_API_KEY gsk_abc'],
    ['of YAML', 'GROQ_API_KEY: gsk_abc'],
    ['of YAML with an equals sign in its value', 'GROQ_API_KEY: gsk=abc'],
    ['of prose', 'this is not a line'],
    ['without a name', '=gsk_abc'],
  ])('finds a line %s by its number, without its text', (_case, line) => {
    expect(findMalformedLines(folder(`API_KEYS=one\n\n${line}\nPORT=2\n`))).toEqual([
      '.env:3: The line is neither NAME=value nor a comment',
    ]);
  });

  it.each([
    ['assignments, comments and empty lines', '# a comment\n\n  A=1\nexport B = 2 # two\nC=\r\n \t\r\nD=#\n'],
    ['values of several lines in quotation marks', "A=\"one\ntwo\n\"\nB='three\nfour' # five\nC=`six\n`\nD='seven'\n"],
    ['a quotation mark that is never closed', 'A="one\nB=2\n'],
    ['a byte order mark', '\ufeffA=1\n'],
  ])('accepts %s', (_case, text) => {
    expect(findMalformedLines(folder(text))).toEqual([]);
    expect(Object.keys(readDotEnv(folder(text))).length).toBeGreaterThan(0);
  });

  it('finds lines after a quotation mark that is never closed, and needs no file', () => {
    expect(findMalformedLines(folder('A="one\nB 2\n'))).toHaveLength(1);
    expect(findMalformedLines(folder())).toEqual([]);
  });
});

describe('an unknown variable', () => {
  const known = new Set([...Object.keys(SETTINGS), 'ACME_API_KEY']);
  const find = (dotEnv?: string, env: Record<string, string> = {}) =>
    findUnknownVariables({ env, directory: folder(dotEnv) }, known);
  const sentence = (source: string, name: string, nearest?: string) =>
    `${source} sets ${name}, which Prodigon does not know${nearest ? `. Did you mean ${nearest}?` : ''}`;

  it.each([
    ['API_KEY', 'API_KEYS'],
    ['OPEN_AI_API_KEY', 'OPENAI_API_KEY'],
    ['GROQ_API_KYE', 'GROQ_API_KEY'],
    ['groq_api_key', 'GROQ_API_KEY'],
    ['OPENAI_BASEURL', 'OPENAI_BASE_URL'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['USE_MOCKS', 'USE_MOCK'],
    ['ALLOWED_ORIGIN', 'ALLOWED_ORIGINS'],
    ['DATABSE_URL', 'DATABASE_URL'],
  ])('%s misspells %s: a problem in .env, a warning in the environment', (name, nearest) => {
    expect(find(`${name}=hunter2\n`)).toEqual({ problems: [sentence('.env', name, nearest)], warnings: [] });
    expect(find(undefined, { [name]: 'hunter2' })).toEqual({
      problems: [],
      warnings: [sentence('The environment', name, nearest)],
    });
  });

  it.each([
    ['OPENAI_KEY', 'OPENAI_API_KEY'],
    ['ACME_KEY', 'ACME_API_KEY'],
    ['OPENAI_API_BASE', 'OPENAI_BASE_URL'],
    ['OLLAMA_HOST', 'OLLAMA_BASE_URL'],
    ['PORT', 'GATEWAY_PORT'],
    ['DB_URL', 'DATABASE_URL'],
    ['MODEL', 'DEFAULT_MODEL'],
    ['COMPOSE_PROJECT', undefined],
    ['X', undefined],
  ])('%s is a warning in .env and nothing in the environment, because another program may use it', (name, nearest) => {
    expect(find(`${name}=hunter2\n`)).toEqual({ problems: [], warnings: [sentence('.env', name, nearest)] });
    expect(find(undefined, { [name]: 'hunter2' })).toEqual({ problems: [], warnings: [] });
  });

  it('is neither a known one, nor the file of one, nor a usual variable of the shell', () => {
    const text = 'API_KEYS=0123456789abcdef\nGROQ_API_KEY_FILE=/run/key\nACME_API_KEY=x\n';
    expect(find(text, { HOME: '/', HOSTNAME: 'a', HOSTS: 'b', NODE_ENV: 'test', SHELL: 'sh' })).toEqual({
      problems: [],
      warnings: [],
    });
    expect(find()).toEqual({ problems: [], warnings: [] });
  });
});
