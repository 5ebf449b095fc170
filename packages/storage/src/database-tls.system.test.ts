import { execFileSync } from 'node:child_process';
import { chownSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfiguration } from '@prodigon/platform/configuration';
import { withConnection } from '@prodigon/stack';
import { PROGRAMS, requireProgram, startTestPostgres, type TestPostgres } from '@prodigon/testing';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { openJobStorage } from './open-job-storage.ts';

let server: TestPostgres;
let folder: string;
let certificate: string;

const query = async (sql: string) => withConnection(server.url, async (client) => (await client.query(sql)).rows);

beforeAll(async () => {
  server = await startTestPostgres();
  folder = (await query('show data_directory'))[0].data_directory;
  certificate = join(folder, 'server.crt');
});
afterAll(() => server.close());

/** Makes the server use TLS with a new self-signed certificate for 127.0.0.1. */
async function enableTls(): Promise<void> {
  const key = join(folder, 'server.key');
  const parameters = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=database'];
  const files = ['-keyout', key, '-out', certificate, '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync(requireProgram(PROGRAMS.openssl), ['req', '-x509', ...parameters, ...files], { stdio: 'ignore' });
  const { uid, gid } = statSync(folder);
  for (const file of [key, certificate]) chownSync(file, uid, gid);
  await query('alter system set ssl = on');
  await reload();
  await vi.waitFor(async () => expect(await query('show ssl')).toEqual([{ ssl: 'on' }]));
}

const reload = () => query('select pg_reload_conf()');

/** Returns the URL as a setting of the worker. */
function urlWith(parameters: Record<string, string>, change: (url: URL) => void = () => {}): string {
  const url = new URL(server.url);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  change(url);
  return url.href;
}

async function open(url: string) {
  const configuration = loadConfiguration({ env: { DATABASE_URL: url }, directory: '/nowhere' });
  const storage = await openJobStorage(configuration);
  onTestFinished(() => storage.close());
  return storage;
}

/** Returns the name and the message of the error of an URL that cannot be used. */
async function failureOf(url: string): Promise<string> {
  const failure: unknown = await open(url).then(
    () => expect.unreachable('The database was opened.'),
    (error) => error,
  );
  expect(String(failure)).not.toContain(new URL(server.url).password);
  return String(failure)
    .replace(/ {2}|\n/g, ' ')
    .replaceAll(new URL(server.url).host, 'HOST');
}

const PROBLEM = 'ConfigurationError: The configuration has a problem:  DATABASE_URL cannot be used:';

// Each test continues with the server of the one before.
it('explains a server without TLS', async () => {
  expect(await failureOf(urlWith({ sslmode: 'require' }))).toBe(
    `${PROBLEM} the server at HOST does not use TLS: enable it there, or remove sslmode from the URL`,
  );
});

it('explains a missing password', async () => {
  const url = urlWith({}, (each) => {
    each.password = '';
  });
  expect(await failureOf(url)).toBe(
    `${PROBLEM} the server at HOST requires a password for the user "prodigon": add it to the URL`,
  );
});

it('explains a certificate of an unknown authority, in every mode that verifies it', async () => {
  await enableTls();
  expect(await failureOf(urlWith({ sslmode: 'require' }))).toBe(
    `${PROBLEM} no trusted authority has signed the certificate of the server at HOST (DEPTH_ZERO_SELF_SIGNED_CERT): add sslrootcert=<file with its authority> to the URL`,
  );
});

it('explains a missing and an invalid file of the authority', async () => {
  expect(await failureOf(urlWith({ sslmode: 'verify-full', sslrootcert: '/nowhere/ca.pem' }))).toBe(
    `${PROBLEM} the file that sslrootcert names cannot be read (ENOENT): /nowhere/ca.pem`,
  );
  const text = join(folder, 'not-a-key.pem');
  writeFileSync(text, 'no key');
  expect(
    await failureOf(urlWith({ sslmode: 'verify-full', sslrootcert: certificate, sslcert: certificate, sslkey: text })),
  ).toMatch(/the certificates or the key that the URL names cannot be used \(ERR_OSSL_/);
});

it('explains a certificate of another host', async () => {
  const url = urlWith({ sslmode: 'verify-full', sslrootcert: certificate }, (each) => {
    each.hostname = 'localhost';
  });
  expect(await failureOf(url)).toMatch(/the certificate of the server at localhost:\d+ has another host name/);
});

it.each([
  ['the authority in sslrootcert', () => urlWith({ sslmode: 'verify-full', sslrootcert: certificate })],
  ['no verification', () => urlWith({ sslmode: 'no-verify' })],
])('encrypts every connection with %s', async (_name, urlOf) => {
  const { changeFeed } = await open(urlOf());
  changeFeed.subscribe(() => {});
  await vi.waitFor(() => expect(changeFeed.isConnected).toBe(true), { timeout: 60_000 });
  const connections = await query(
    `select ssl from pg_stat_ssl join pg_stat_activity using (pid)
     where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
  );
  expect(connections.length).toBeGreaterThanOrEqual(3);
  expect(connections.every(({ ssl }) => ssl)).toBe(true);
});

it('explains a server that requires TLS', async () => {
  const rules = join(folder, 'pg_hba.conf');
  const original = readFileSync(rules, 'utf8');
  writeFileSync(rules, original.replaceAll(/^host\b/gm, 'hostssl'));
  await reload();
  await vi.waitFor(async () =>
    expect(await failureOf(urlWith({}))).toBe(
      `${PROBLEM} the server at HOST does not admit the user "prodigon" without TLS: add sslmode=verify-full to the URL, or check its pg_hba.conf`,
    ),
  );
  writeFileSync(rules, original);
});
