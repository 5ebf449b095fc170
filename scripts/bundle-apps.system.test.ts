import { execFileSync, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');

it('bundles the program that reads PDFs beside the gateway', { timeout: 120_000 }, () => {
  execFileSync(process.execPath, ['scripts/bundle-apps.mjs', 'gateway'], { cwd: ROOT });
  const program = resolve(ROOT, 'apps/gateway/dist/pdf-text-process.mjs');
  const { stdout } = spawnSync(process.execPath, [program, '1000', String(512 << 20)], { input: 'not a PDF' });
  expect(JSON.parse(stdout.toString())).toEqual({ problem: 'broken' });
});
