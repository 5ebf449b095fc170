import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImportReport } from '@prodigon/contracts/conversations';
import type { ConversationStore, ImportedConversation } from '@prodigon/ports';
import { onTestFinished } from 'vitest';
import { createImportService } from './import-service.ts';

/** Keeps imported conversations by owner and source id, as the store does. */
export function createMemoryImports() {
  const stored = new Map<string, ImportedConversation>();
  const importOne: ConversationStore['importOne'] = async (ownerId, conversation) => {
    const key = `${ownerId}\n${conversation.sourceId}`;
    const hash = createHash('sha256').update(key).digest('hex');
    const conversationId = hash.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-7$3-8$4-$5');
    const isUnchanged = JSON.stringify(stored.get(key)) === JSON.stringify(conversation);
    stored.set(key, conversation);
    return { conversationId, isUnchanged };
  };
  return { stored, importOne };
}

/** Creates an import service with a store in memory, and a folder that exists until the end of the test. */
export async function setUpImport(importOne?: ConversationStore['importOne']) {
  const directory = await mkdtemp(join(tmpdir(), 'prodigon-import-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const memory = createMemoryImports();
  const service = createImportService({ conversations: { importOne: importOne ?? memory.importOne }, directory });
  async function run(file: string | Buffer | object, owner = 'ada'): Promise<ImportReport> {
    const isBytes = typeof file === 'string' || Buffer.isBuffer(file);
    return service.import(owner, chunksOf(isBytes ? Buffer.from(file) : Buffer.from(JSON.stringify(file))), neverAborted());
  }
  const byTitle = (title: string) => [...memory.stored.values()].find((conversation) => conversation.title === title);
  return { service, directory, run, byTitle, stored: memory.stored };
}

export const neverAborted = () => new AbortController().signal;

/** Yields bytes in pieces, whose ends are anywhere. */
export async function* chunksOf(bytes: Uint8Array, size = 7_919): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Returns the texts of the branch that is shown, one line for each message. */
export function shownBranch({ messages, activeSourceId }: ImportedConversation): string[] {
  const byId = new Map(messages.map((message) => [message.sourceId, message]));
  const lines: string[] = [];
  for (let id = activeSourceId ?? messages.at(-1)?.sourceId ?? null; id !== null; ) {
    const message = byId.get(id);
    if (!message) break;
    const texts = message.parts.map((part) =>
      'text' in part ? part.text : part.type === 'attachment' ? `<${part.name}>` : part.name,
    );
    lines.unshift(`${message.role}: ${texts.join(' | ')}`);
    id = message.parentSourceId;
  }
  return lines;
}
