import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { hideDotEnv } from './hide-dot-env.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prodigon-dot-env-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

it('overrides each entry of .env with an empty file', () => {
  writeFileSync(join(folder, '.env'), 'GROQ_API_KEY=secret\nDATABASE_URL_FILE=/run/url\nMODELS_FILE=models.yaml\n');
  expect(hideDotEnv(folder)).toEqual({
    GROQ_API_KEY_FILE: '/dev/null',
    DATABASE_URL_FILE: '/dev/null',
    // MODELS_FILE is a setting of its own, which happens to end like a variable that names a file.
    MODELS_FILE_FILE: '/dev/null',
  });
});

it('overrides nothing without .env', () => {
  expect(hideDotEnv(folder)).toEqual({});
});
