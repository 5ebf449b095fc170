import type { AppError } from '@prodigon/contracts';
import { UsageError } from './usage-error.ts';

const ID_CHARACTERS = 36;
const PART_CHARACTERS_MIN = 6;

export interface IdSource {
  /** What the ids belong to, e.g. `job`. */
  readonly noun: string;
  readonly newestIds: () => Promise<readonly string[]>;
  /** How many ids `newestIds` returns at most. */
  readonly newestMax: number;
  readonly notFound: (message: string) => AppError;
}

/** Returns the id that `text` is, or whose start or end it is. Throws a `UsageError` unless it names exactly one. */
export async function findId(text: string, { noun, newestIds, newestMax, notFound }: IdSource): Promise<string> {
  const part = text.toLowerCase();
  if (!/^[0-9a-f-]+$/.test(part) || part.length > ID_CHARACTERS) throw new UsageError(`"${text}" is not a ${noun} id.`);
  if (part.length === ID_CHARACTERS) return part;
  if (part.length < PART_CHARACTERS_MIN) throw new UsageError(`Give at least ${PART_CHARACTERS_MIN} characters of the id.`);
  const ids = await newestIds();
  const found = ids.filter((id) => id.startsWith(part) || id.endsWith(part));
  const [only] = found;
  if (only === undefined) throw notFound(`No id of the ${newestMax} newest ${noun}s begins or ends with ${part}.`);
  if (found.length > 1)
    throw new UsageError(`Several ${noun} ids begin or end with ${part}: ${found.slice(0, 5).join(', ')}. Give more characters.`);
  return only;
}
