import { type Client, escapeIdentifier } from 'pg';
import { loadMigrations } from './migrations.ts';

/** A table of the platform and its writable columns. */
export interface DatabaseTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: string[];
}

export interface DatabaseSequence {
  readonly schema: string;
  readonly name: string;
  /** The next value as a decimal string. */
  readonly next: string;
}

/** Returns the quoted name with the schema, for SQL. */
export const qualifiedName = ({ schema, name }: { schema: string; name: string }) =>
  `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;

/** Returns the tables of the migrated schemas, each after the tables that its foreign keys reference. */
export async function listTables(client: Client): Promise<DatabaseTable[]> {
  const { DATABASE_SCHEMAS } = await loadMigrations();
  const { rows } = await client.query<DatabaseTable & TableReferences>(
    `SELECT c.oid::text AS id, n.nspname AS schema, c.relname AS name,
            ARRAY(SELECT a.attname::text FROM pg_attribute a
                  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                  ORDER BY a.attnum) AS columns,
            ARRAY(SELECT k.confrelid::text FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'f') AS refers_to
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = ANY($1) AND c.relkind = 'r'
     ORDER BY n.nspname, c.relname`,
    [DATABASE_SCHEMAS],
  );
  return sortByReferences(rows).map(({ schema, name, columns }) => ({ schema, name, columns }));
}

interface TableReferences {
  readonly id: string;
  /** The ids of the tables that its foreign keys reference. */
  readonly refers_to: readonly string[];
}

/** Returns the tables in an order in which each follows those that it references, unless they form a cycle. */
export function sortByReferences<Table extends TableReferences>(tables: readonly Table[]): Table[] {
  const ordered: Table[] = [];
  const visit = (table: Table, path: readonly string[]) => {
    if (ordered.includes(table) || path.includes(table.id)) return;
    for (const target of tables.filter(({ id }) => table.refers_to.includes(id))) visit(target, [...path, table.id]);
    ordered.push(table);
  };
  for (const table of tables) visit(table, []);
  return ordered;
}

export async function listSequences(client: Client): Promise<DatabaseSequence[]> {
  const { DATABASE_SCHEMAS } = await loadMigrations();
  const { rows } = await client.query<DatabaseSequence>(
    `SELECT schemaname AS schema, sequencename AS name, coalesce(last_value + increment_by, start_value)::text AS next
     FROM pg_sequences WHERE schemaname = ANY($1) ORDER BY 1, 2`,
    [DATABASE_SCHEMAS],
  );
  return rows;
}

/** Returns the names of the applied migrations. */
export async function listMigrations(client: Client): Promise<string[]> {
  const { MIGRATIONS_SCHEMA } = await loadMigrations();
  const table = `${MIGRATIONS_SCHEMA}.migrations`;
  const { rows: found } = await client.query<{ exists: boolean }>('SELECT to_regclass($1) IS NOT NULL AS exists', [table]);
  if (!found[0]?.exists) return [];
  const { rows } = await client.query<{ name: string }>(`SELECT name FROM ${table} ORDER BY name`);
  return rows.map(({ name }) => name);
}
