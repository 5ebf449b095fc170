import { createHash } from 'node:crypto';
import { AppError, type ErrorCode } from '@prodigon/contracts';
import { IMPORT_LIMITS, type ImportReport } from '@prodigon/contracts/conversations';
import type { ConversationStore } from '@prodigon/ports';
import { detectFormat, listWithin, unknownShapeError } from './format-detection.ts';
import { createImportReport, type ReportBuilder } from './import-report.ts';
import { isRecord, nameOf } from './json-values.ts';
import { parseJson } from './parse-json.ts';
import { beginsLikeZip, readZip } from './read-zip.ts';
import type { SourceConversation } from './source-conversation.ts';
import { beginsLikeJson, type JsonPiece, splitJson } from './split-json.ts';
import { makeStorable, type StorableConversation } from './storable-conversation.ts';
import { storeUpload, type UploadFile } from './upload-file.ts';

export interface ImportServiceOptions {
  readonly conversations: Pick<ConversationStore, 'importOne'>;
  /** Folder for uploads, which have no name there and disappear with the process. */
  readonly directory: string;
}

export interface ImportService {
  /**
   * Imports the conversations of a file and reports each that fails. Throws `UNSUPPORTED_MEDIA_TYPE` for a file that is
   * neither JSON nor a ZIP archive, `VALIDATION_ERROR` for one without conversations, `CONFLICT` while another import of the
   * owner runs, and the errors that concern the whole import, e.g. when the database is unreachable.
   */
  import(ownerId: string, file: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<ImportReport>;
}

/** Bytes of a file that tell what it is. */
const BEGINNING_BYTES = 4_096;
/** An import needs up to a few hundred megabytes of memory for one conversation. */
const CONCURRENT_MAX = 2;
const PIECE_LIMITS = {
  bytesMax: IMPORT_LIMITS.conversationBytesMax,
  depthMax: IMPORT_LIMITS.conversationDepthMax,
  valuesMax: IMPORT_LIMITS.conversationValuesMax,
};
/** Errors that the next conversation would get, too. */
const FATAL_CODES: ReadonlySet<ErrorCode> = new Set([
  'SERVICE_UNAVAILABLE',
  'INSUFFICIENT_STORAGE',
  'CANCELLED',
  'DEADLINE_EXCEEDED',
]);

export function createImportService({ conversations, directory }: ImportServiceOptions): ImportService {
  const owners = new Set<string>();

  async function importFile(ownerId: string, file: UploadFile, signal: AbortSignal): Promise<ImportReport> {
    const report = createImportReport();
    const beginning = await file.beginning(BEGINNING_BYTES);
    if (beginsLikeZip(beginning)) {
      for await (const { name, chunks } of readZip(file)) await importJson({ ownerId, name, chunks, report, signal });
    } else if (beginsLikeJson(beginning)) {
      await importJson({ ownerId, name: '', chunks: file.range(), report, signal });
    } else
      throw new AppError('UNSUPPORTED_MEDIA_TYPE', 'Send a JSON file, a file with JSON lines, or a ZIP archive of JSON files.');
    return report.finish();
  }

  async function importJson(file: JsonFile): Promise<void> {
    const { name, chunks, report, signal } = file;
    const isArchived = name !== '';
    let isOfConversations = false;
    const failures: (() => void)[] = [];
    const fail = (where: string, title: string | null, error: AppError) => {
      const add = () => report.addFailure({ where: `${name}${where}`, title, code: error.code, message: error.publicMessage });
      // An archive also contains files about other things, which are not failures.
      if (!isArchived || isOfConversations) add();
      else if (failures.length < IMPORT_LIMITS.namedMax) failures.push(add);
    };
    for await (const piece of splitJson(chunks, PIECE_LIMITS)) {
      const where = `[${piece.index}]`;
      const values = await readPiece(piece).catch((error: unknown) => {
        fail(where, null, AppError.from(error));
        return [];
      });
      for (const [index, value] of values.entries()) {
        signal.throwIfAborted();
        const format = detectFormat(value);
        if (format && !isOfConversations) {
          isOfConversations = true;
          for (const add of failures.splice(0)) add();
        }
        const place = values.length === 1 ? where : `[${index}]`;
        const digest = createHash('sha256').update(piece.bytes).update(place).digest('hex');
        await importValue(value, { ...file, digest }).catch((error: unknown) => {
          const failure = AppError.from(error);
          if (FATAL_CODES.has(failure.code) || signal.aborted) throw failure;
          fail(place, titleOf(value), failure);
        });
      }
    }
  }

  async function importValue(value: unknown, { ownerId, report, digest }: JsonFile & { digest: string }): Promise<void> {
    const format = detectFormat(value);
    if (!format || !isRecord(value)) throw unknownShapeError();
    report.addFormat(format.name);
    const { conversation, replacedCharacters } = await convert(() => format.read(value), digest);
    report.checkSpace();
    const { conversationId, isUnchanged } = await conversations.importOne(ownerId, conversation);
    report.addConversation({
      id: conversationId,
      title: conversation.title,
      messages: conversation.messages.length,
      isUnchanged,
      replacedCharacters,
    });
  }

  return {
    async import(ownerId, file, signal) {
      if (owners.has(ownerId)) throw new AppError('CONFLICT', 'Another import is running. Wait until it has finished.');
      if (owners.size >= CONCURRENT_MAX)
        throw new AppError('SERVICE_UNAVAILABLE', 'Too many imports are running.', { retryAfterSeconds: 10 });
      owners.add(ownerId);
      try {
        const upload = await storeUpload(file, { directory, bytesMax: IMPORT_LIMITS.fileBytesMax });
        try {
          return await importFile(ownerId, upload, signal);
        } finally {
          await upload.close();
        }
      } finally {
        owners.delete(ownerId);
      }
    },
  };
}

interface JsonFile {
  readonly ownerId: string;
  /** Empty for a file that is not in an archive. */
  readonly name: string;
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly report: ReportBuilder;
  readonly signal: AbortSignal;
}

const PROBLEMS = {
  'too large': () =>
    new AppError(
      'PAYLOAD_TOO_LARGE',
      `The entry is larger than ${IMPORT_LIMITS.conversationBytesMax.toLocaleString('en')} bytes.`,
    ),
  'too complex': () => new AppError('PAYLOAD_TOO_LARGE', 'The entry has too many values, or too many levels.'),
  incomplete: () => new AppError('INVALID_JSON', 'The file ends before the entry is complete.'),
} as const;

async function readPiece({ bytes, problem }: JsonPiece): Promise<readonly unknown[]> {
  if (problem) throw PROBLEMS[problem]();
  const value = await parseJson(bytes);
  return listWithin(value) ?? [value];
}

async function convert(read: () => Promise<SourceConversation>, digest: string): Promise<StorableConversation> {
  try {
    return makeStorable(await read(), digest);
  } catch (error) {
    // Only values deeper than the call stack cause it.
    if (error instanceof RangeError)
      throw new AppError('VALIDATION_ERROR', 'The conversation has too many levels.', { cause: error });
    throw error;
  }
}

const titleOf = (value: unknown) => (isRecord(value) ? (nameOf(value.title) ?? nameOf(value.name) ?? null) : null);
