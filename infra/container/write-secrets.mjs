// Writes the secrets of a Compose project into a volume: at the first start a new internal token and new passwords of the
// database and of Redis, and at every start the operator's files. Exits with 1 if it cannot use one of them, before any service can read the volume: a
// service that starts without the operator's API keys would serve everyone. Usage: write-secrets.mjs VOLUME OPERATOR_FOLDER
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
/** Files of the operator's folder that are not settings. */
const OTHER_FILES = /^(?:\.|README\.md$)/;
const USER_AND_DATABASE = 'prodigon';
const DATABASE_HOST = 'database:5432';
const REDIS_HOST = 'redis:6379';

// The services wait for this file, so none starts before all secrets are in the volume.
rmSync(join(volume, 'INTERNAL_TOKEN'), { force: true });

const given = readGiven();
// The database keeps the password of its first start, whatever the operator gives later.
const password = stored('POSTGRES_PASSWORD') || given.POSTGRES_PASSWORD || randomBytes(24).toString('hex');
if (given.POSTGRES_PASSWORD !== undefined && given.POSTGRES_PASSWORD !== password)
  process.stderr.write('Ignored POSTGRES_PASSWORD: the database keeps the password that it was created with.\n');
const redisPassword = stored('.redis-password') || randomBytes(24).toString('hex');
const token = stored('.internal-token') || randomBytes(32).toString('hex');
const secrets = {
  DATABASE_URL: `postgresql://${USER_AND_DATABASE}:${encodeURIComponent(password)}@${DATABASE_HOST}/${USER_AND_DATABASE}`,
  REDIS_URL: `redis://:${redisPassword}@${REDIS_HOST}`,
  ...given,
  POSTGRES_PASSWORD: password,
  '.redis-password': redisPassword,
  // Redis reads its password from a file of settings. Without `save`, it would also write its data to a file.
  '.redis.conf': `requirepass ${redisPassword}\nsave ""`,
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

/**
 * Replaces a file atomically, even if the power fails. All users may read it, because the containers run as different users,
 * and only they mount the volume.
 */
function write(name, value) {
  const path = join(volume, name);
  writeFileSync(`${path}~`, `${value}\n`);
  chmodSync(`${path}~`, 0o444);
  const file = openSync(`${path}~`, 'r');
  fsyncSync(file);
  closeSync(file);
  renameSync(`${path}~`, path);
}
