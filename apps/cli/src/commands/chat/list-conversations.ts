import type { ApiClient } from '@prodigon/api-client';
import type { Conversation } from '@prodigon/contracts/conversations';
import type { CommandContext } from '../../command.ts';
import { formatTime } from '../../format-numbers.ts';
import { formatTable } from '../../format-table.ts';
import { asOneLine } from '../../terminal-text.ts';
import { writeJson } from '../../write-json.ts';

const LISTED_MAX = 50;
const TITLE_CHARACTERS_MAX = 60;
const HEADINGS = ['ID', 'UPDATED', 'TITLE'];

const toRow = ({ id, updated_at, title }: Conversation): string[] => [
  id,
  formatTime(updated_at),
  asOneLine(title, TITLE_CHARACTERS_MAX),
];

/** Prints the latest conversations that are not archived. Returns the exit code 0. */
export async function listConversations(
  client: ApiClient,
  { json = false }: { readonly json?: boolean | undefined },
  context: CommandContext,
): Promise<number> {
  const { conversations, nextAfter } = await client.conversations.list({ limit: LISTED_MAX });
  if (json) return writeJson(conversations, context);
  if (conversations.length > 0) context.stdout.write(`${formatTable(conversations.map(toRow), HEADINGS)}\n`);
  else context.stderr.write('No conversations yet. Start one: ./prodigon chat "<prompt>"\n');
  if (nextAfter !== null) context.stderr.write(`These are the ${LISTED_MAX} latest. The web UI shows and searches all.\n`);
  return 0;
}
