import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { prepareCluster } from './cluster.ts';
import { writeRecord } from './connection-record.ts';
import { locatePostgres } from './postgres-binaries.ts';
import { useTraversableFolder } from './traversable-folder.test-support.ts';

const directory = useTraversableFolder();
let folder: string;
beforeEach(() => {
  folder = directory.make('database', 0o700);
});

const prepare = () => prepareCluster(directory.path, null);
const rejection = (message: RegExp) => ({ exitCode: 78, message: expect.stringMatching(message) });

describe('prepareCluster', () => {
  it('rejects a folder that contains other files, and keeps them', async () => {
    writeFileSync(join(folder, 'thesis.txt'), 'three years');
    await expect(prepare()).rejects.toMatchObject(
      rejection(/^The folder \S+database is reserved for the database, but contains other files\. Move it away/),
    );
    expect(readdirSync(folder)).toEqual(['thesis.txt']);
  });

  describe('for an existing database', () => {
    const { major } = locatePostgres();
    const createRecord = (path = folder) => ({
      folder: path,
      port: 5_001,
      user: 'prodigon',
      password: 'p',
      database: 'prodigon',
    });
    const setVersion = (version: string) => writeFileSync(join(folder, 'PG_VERSION'), `${version}\n`);
    beforeEach(() => {
      setVersion(major);
      writeRecord(directory.path, createRecord());
    });

    it('returns its folder and its recorded credentials', async () => {
      expect(await prepare()).toMatchObject({ folder, dataDirectory: directory.path, serverUser: null, record: createRecord() });
    });

    it('rejects a database of another major version', async () => {
      setVersion('17');
      await expect(prepare()).rejects.toMatchObject(
        rejection(/^The database in \S+ was created by PostgreSQL 17, but this version of Prodigon runs PostgreSQL 18\./),
      );
    });

    it.each(['missing', 'of another database'])('rejects a database when its password is %s', async (record) => {
      if (record === 'missing') rmSync(join(directory.path, 'database.json'));
      else writeRecord(directory.path, createRecord('/elsewhere/database'));
      await expect(prepare()).rejects.toMatchObject(
        rejection(/because \S+database\.json, which contains its password, is missing or belongs to another database/),
      );
    });
  });
});
