// Writes the secrets of a Compose project into a volume: a new internal token and database password at the first start, and
// at every start the files that the operator gives. Usage: write-secrets.mjs VOLUME GIVEN
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [volume = '/run/secrets', givenFolder = '/given'] = process.argv.slice(2);
const SETTING = /^[A-Z][A-Z0-9_]*$/;
const USER_AND_DATABASE = 'prodigon';
const DATABASE_HOST = 'database:5432';

const settingsIn = (folder) => (existsSync(folder) ? readdirSync(folder).filter((name) => SETTING.test(name)) : []);
const read = (folder, name) => readFileSync(join(folder, name), 'utf8').trim();

const given = Object.fromEntries(settingsIn(givenFolder).map((name) => [name, read(givenFolder, name)]));
const stored = (name) => (existsSync(join(volume, name)) ? read(volume, name) : undefined);

// The database keeps the password of its first start.
const password = stored('POSTGRES_PASSWORD') ?? given.POSTGRES_PASSWORD ?? randomBytes(24).toString('hex');
if (given.POSTGRES_PASSWORD !== undefined && given.POSTGRES_PASSWORD !== password)
  process.stderr.write('Ignored POSTGRES_PASSWORD: the database keeps the password that it was created with.\n');
const token = stored('.internal-token') ?? randomBytes(32).toString('hex');
const secrets = {
  DATABASE_URL: `postgresql://${USER_AND_DATABASE}:${encodeURIComponent(password)}@${DATABASE_HOST}/${USER_AND_DATABASE}`,
  ...given,
  POSTGRES_PASSWORD: password,
  '.internal-token': token,
};
for (const name of settingsIn(volume)) if (!(name in secrets) && name !== 'INTERNAL_TOKEN') rmSync(join(volume, name));
for (const [name, value] of Object.entries(secrets)) write(name, value);
// Last, because the services wait for this file.
write('INTERNAL_TOKEN', secrets.INTERNAL_TOKEN ?? token);

/** Replaces a file as a whole. The users of the containers differ, and only they have the volume. */
function write(name, value) {
  const path = join(volume, name);
  writeFileSync(`${path}~`, `${value}\n`);
  chmodSync(`${path}~`, 0o444);
  renameSync(`${path}~`, path);
}
