import { randomUUIDv7 } from 'node:crypto';
import { AppError } from '@prodigon/contracts';
import { type PromptTemplate, TEMPLATE_LIMITS } from '@prodigon/contracts/conversations';
import type { PromptTemplateStore } from '@prodigon/ports';
import { type Kysely, sql } from 'kysely';
import { storableText, translateErrors } from '../create-database.ts';
import type { Database } from '../database-schema.ts';

interface TemplateRow extends Pick<PromptTemplate, 'id' | 'name' | 'content' | 'kind'> {
  readonly created_at: Date;
  readonly updated_at: Date;
}

const COLUMNS = sql`id, name, content, kind, created_at, updated_at`;

/** Creates a store of prompt templates in PostgreSQL. */
export function createPostgresPromptTemplateStore(db: Kysely<Database>): PromptTemplateStore {
  return translateErrors<PromptTemplateStore>({
    async create(ownerId, { name, content, kind }) {
      return db.transaction().execute(async (trx) => {
        // Concurrent requests must not exceed the maximum.
        await sql`select pg_advisory_xact_lock(hashtextextended(${`prompt templates\n${ownerId}`}, 0))`.execute(trx);
        const { rows } = await sql<TemplateRow>`
          insert into chat.prompt_templates (id, owner_id, name, content, kind)
          select ${randomUUIDv7()}::uuid, ${ownerId}::text, ${storableText(name)}::text, ${storableText(content)}::text, ${kind}::text
          where (select count(*) from chat.prompt_templates where owner_id = ${ownerId}) < ${TEMPLATE_LIMITS.perOwnerMax}
          returning ${COLUMNS}
        `.execute(trx);
        const [row] = rows;
        if (!row)
          throw new AppError(
            'CONFLICT',
            `You have ${TEMPLATE_LIMITS.perOwnerMax} prompt templates, the maximum. Delete one first.`,
          );
        return toTemplate(row);
      });
    },

    async list(ownerId) {
      const { rows } = await sql<TemplateRow>`
        select ${COLUMNS} from chat.prompt_templates where owner_id = ${ownerId} order by name, id
      `.execute(db);
      return rows.map(toTemplate);
    },

    async update(ownerId, templateId, { name, content, kind }) {
      const { rows } = await sql<TemplateRow>`
        update chat.prompt_templates set
          name = coalesce(${name === undefined ? null : storableText(name)}, name),
          content = coalesce(${content === undefined ? null : storableText(content)}, content),
          kind = coalesce(${kind ?? null}, kind),
          updated_at = now()
        where id = ${templateId} and owner_id = ${ownerId} returning ${COLUMNS}
      `.execute(db);
      return toTemplate(found(rows));
    },

    async remove(ownerId, templateId) {
      const { rows } = await sql`
        delete from chat.prompt_templates where id = ${templateId} and owner_id = ${ownerId} returning id
      `.execute(db);
      found(rows);
    },
  });
}

function found<Row>([row]: readonly Row[]): Row {
  if (row === undefined) throw new AppError('NOT_FOUND', 'The prompt template does not exist.');
  return row;
}

function toTemplate({ created_at, updated_at, ...template }: TemplateRow): PromptTemplate {
  return { ...template, created_at: created_at.toISOString(), updated_at: updated_at.toISOString() };
}
