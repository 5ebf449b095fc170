import { AppError, cutText } from '@prodigon/contracts';
import { IMPORT_LIMITS, type ImportFormat, type ImportReport } from '@prodigon/contracts/conversations';

export interface ImportedEntry {
  readonly id: string;
  readonly title: string;
  readonly messages: number;
  readonly isUnchanged: boolean;
  readonly replacedCharacters: number;
}

type Failure = ImportReport['failures'][number];

export interface ReportBuilder {
  addFormat(format: ImportFormat): void;
  addConversation(entry: ImportedEntry): void;
  addFailure(failure: Failure): void;
  /** Throws `PAYLOAD_TOO_LARGE` when the import has the maximum of conversations. */
  checkSpace(): void;
  /** Throws `VALIDATION_ERROR` when the file had no conversations. */
  finish(): ImportReport;
}

const TITLE_CHARACTERS_MAX = 200;

/** Creates a report that names the first conversations and failures, and counts all. */
export function createImportReport(): ReportBuilder {
  const formats = new Set<ImportFormat>();
  const counts = { imported: 0, unchanged: 0, failed: 0, replaced_characters: 0 };
  const conversations: ImportReport['conversations'] = [];
  const failures: Failure[] = [];
  return {
    addFormat: (format) => void formats.add(format),
    addConversation({ isUnchanged, replacedCharacters, ...conversation }) {
      counts.replaced_characters += replacedCharacters;
      if (isUnchanged) counts.unchanged += 1;
      else {
        counts.imported += 1;
        if (conversations.length < IMPORT_LIMITS.namedMax) conversations.push(conversation);
      }
    },
    addFailure({ where, title, ...failure }) {
      counts.failed += 1;
      if (failures.length >= IMPORT_LIMITS.namedMax) return;
      const shown = { where: cutText(where, TITLE_CHARACTERS_MAX), title: title && cutText(title, TITLE_CHARACTERS_MAX) };
      failures.push({ ...failure, ...shown });
    },
    checkSpace() {
      if (counts.imported + counts.unchanged < IMPORT_LIMITS.conversationsMax) return;
      const maximum = IMPORT_LIMITS.conversationsMax.toLocaleString('en');
      throw new AppError('PAYLOAD_TOO_LARGE', `The file has more than ${maximum} conversations.`);
    },
    finish() {
      if (counts.imported + counts.unchanged + counts.failed === 0)
        throw new AppError(
          'VALIDATION_ERROR',
          'The file contains no conversations of Prodigon, ChatGPT, Claude, LibreChat or Open WebUI.',
        );
      return { formats: [...formats], ...counts, conversations, failures };
    },
  };
}
