import { suggest } from '@prodigon/stack';

/** The words of a command line differ much from each other, so that four letters suffice to recognize one with a typo. */
const LETTERS_PER_TYPO = 4;

/** Returns a question such as ` Did you mean "status"?`, or nothing when no word is similar. */
export const suggestWord = (word: string, known: Iterable<string>): string => suggest(word, known, LETTERS_PER_TYPO);
