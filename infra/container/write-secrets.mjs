// Writes the secrets of a Compose project into a volume: a new internal token and database password at the first start, and
// at every start the files that the operator gives. Usage: write-secrets.mjs VOLUME GIVEN
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [volume = '/run/secrets', given = '/given'] = process.argv.slice(2);
const SETTING = /^[A-Z][A-Z0-9_]*$/;
const USER_AND_DATABASE = 'prodigon';
const DATABASE_HOST = 'database:5432';

const settingsIn = (folder) => (existsSync(folder) ? readdirSync(folder).filter((name) => SETTING.test(name)) : []);
const read = (folder, name) => readFileSync(join(folder, name), 'utf8').trim();

const password = existsSync(join(volume, 'POSTGRES_PASSWORD'))
  ? read(volume, 'POSTGRES_PASSWORD')
  : randomBytes(24).toString('hex');
const token = existsSync(join(volume, '.internal-token')) ? read(volume, '.internal-token') : randomBytes(32).toString('hex');
const secrets = {
  POSTGRES_PASSWORD: password,
  '.internal-token': token,
  DATABASE_URL: `postgresql://${USER_AND_DATABASE}:${password}@${DATABASE_HOST}/${USER_AND_DATABASE}`,
  ...Object.fromEntries(settingsIn(given).map((name) => [name, read(given, name)])),
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
