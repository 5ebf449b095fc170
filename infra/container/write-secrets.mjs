// Writes the secrets of a Compose project into a volume: a new internal token and database password at the first start, and
// at every start the files that the operator gives. Exits with 1 if it cannot use one of them, before any service can read the
// volume: a service with fewer secrets than the operator gave could be open to everybody. Usage: write-secrets.mjs VOLUME GIVEN
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const [volume = '/run/secrets', givenFolder = '/given'] = process.argv.slice(2);
const SETTING = /^[A-Z][A-Z0-9_]*$/;
/** Files of the folder that are no settings. */
const OTHER_FILES = /^(?:\.|README\.md$)/;
const USER_AND_DATABASE = 'prodigon';
const DATABASE_HOST = 'database:5432';

// The services wait for this file, so none starts before everything is written.
rmSync(join(volume, 'INTERNAL_TOKEN'), { force: true });

const given = readGiven();
// The database keeps the password of its first start.
const password = stored('POSTGRES_PASSWORD') || given.POSTGRES_PASSWORD || randomBytes(24).toString('hex');
if (given.POSTGRES_PASSWORD !== undefined && given.POSTGRES_PASSWORD !== password)
  process.stderr.write('Ignored POSTGRES_PASSWORD: the database keeps the password that it was created with.\n');
const token = stored('.internal-token') || randomBytes(32).toString('hex');
const secrets = {
  DATABASE_URL: `postgresql://${USER_AND_DATABASE}:${encodeURIComponent(password)}@${DATABASE_HOST}/${USER_AND_DATABASE}`,
  ...given,
  POSTGRES_PASSWORD: password,
  '.internal-token': token,
};
for (const name of readdirSync(volume)) if (SETTING.test(name) && !(name in secrets)) rmSync(join(volume, name));
for (const [name, value] of Object.entries(secrets)) if (name !== 'INTERNAL_TOKEN') write(name, value);
write('INTERNAL_TOKEN', given.INTERNAL_TOKEN ?? token);

/** Returns the settings in the operator's folder. */
function readGiven() {
  const settings = {};
  for (const name of existsSync(givenFolder) ? readdirSync(givenFolder) : []) {
    if (OTHER_FILES.test(name)) continue;
    if (!SETTING.test(name)) fail(name, 'is not the name of a setting, such as API_KEYS');
    try {
      settings[name] = readFileSync(join(givenFolder, name), 'utf8').trim();
    } catch (error) {
      fail(name, `cannot be read (${error.code})`);
    }
    if (!/[^\s,]/.test(settings[name])) fail(name, 'is empty');
  }
  return settings;
}

function stored(name) {
  return existsSync(join(volume, name)) ? readFileSync(join(volume, name), 'utf8').trim() : undefined;
}

function fail(name, problem) {
  process.stderr.write(`secrets/${name} ${problem}. Correct or remove the file, and start again.\n`);
  process.exit(1);
}

/** Replaces a file as a whole, also in a power failure. The users of the containers differ, and only they have the volume. */
function write(name, value) {
  const path = join(volume, name);
  writeFileSync(`${path}~`, `${value}\n`);
  chmodSync(`${path}~`, 0o444);
  const file = openSync(`${path}~`, 'r');
  fsyncSync(file);
  closeSync(file);
  renameSync(`${path}~`, path);
}
