import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { API_KEY_PREFIX, type CreatedApiKey } from '@prodigon/contracts';
import { writeBackup } from '@prodigon/stack';
import { type Deployment, runProgram } from '@prodigon/testing';
import { expect } from 'vitest';

/** Returns the forms in which a secret must not appear: its value, the part after the prefix, and its hash. */
export function formsOf(secret: string): string[] {
  const digests = (['hex', 'base64', 'base64url'] as const).map((encoding) => hash('sha256', secret, encoding));
  return [secret, secret.replace(API_KEY_PREFIX, ''), ...digests];
}

/** Creates, uses, rotates and revokes API keys as `admin`. Returns their values, and passes on all other responses. */
export async function useStoredKeys(
  { url }: Deployment,
  admin: string,
  onResponse: (response: Response) => Promise<void>,
): Promise<string[]> {
  const call = (key: string, method: string, path: string, body?: object) =>
    fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  async function read(response: Response): Promise<CreatedApiKey> {
    expect(response.ok).toBe(true);
    return (await response.json()) as CreatedApiKey;
  }
  const created = await read(await call(admin, 'POST', '/keys', { name: 'laptop', owner: 'ada' }));
  const rotated = await read(await call(admin, 'POST', `/keys/${created.id}/rotate`, { overlap_seconds: 60 }));
  const revoked = await read(await call(rotated.key, 'POST', '/keys', { name: 'script' }));
  const values = [created.key, rotated.key, revoked.key];
  await onResponse(await call(admin, 'DELETE', `/keys/${revoked.id}`));
  for (const key of [admin, ...values, `${rotated.key.slice(0, -1)}!`]) {
    for (const path of ['/me', '/keys', `/keys/${created.id}`, '/usage?by=key', '/jobs', '/system/overview'])
      await onResponse(await call(key, 'GET', path));
    await onResponse(await call(key, 'PATCH', `/keys/${created.id}`, { name: [key] }));
    await onResponse(await call(key, 'PATCH', `/keys/${key}`, { name: 'other' }));
    await onResponse(await call(key, 'POST', '/generate', { prompt: 'Hi', model: 'healthy' }));
    await onResponse(await call(key, 'GET', `/usage?key=${key}&owner=${key}`));
  }
  return values;
}

/** Returns the text of a backup without the hashes of API keys, as `prodigon backup` writes it by default. */
export async function backUp(databaseUrl: string): Promise<string> {
  const chunks: Buffer[] = [];
  const target = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  await writeBackup({ url: databaseUrl, target });
  return gunzipSync(Buffer.concat(chunks)).toString();
}

/** Returns what `prodigon config check` prints. */
export async function checkConfiguration(root: string, env: Record<string, string>): Promise<string> {
  const parameters = [join(root, 'apps/cli/bin/prodigon.mjs'), 'config', 'check', '--json'];
  return (await runProgram(process.execPath, parameters, { cwd: root, env: { PATH: process.env.PATH, ...env } })).output;
}

/** Returns the arguments of processes, which all users of the machine can see. Linux only. */
export function argumentsOf(processes: Deployment['processes']): string {
  if (process.platform !== 'linux') return '';
  return processes.map(({ pid }) => readFileSync(`/proc/${pid}/cmdline`, 'utf8')).join('\n');
}
