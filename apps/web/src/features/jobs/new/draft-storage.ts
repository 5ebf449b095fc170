import { type Draft, EMPTY_DRAFT } from './draft.ts';

const DRAFT_KEY = 'prodigon.new-job';
const KEPT_CHARACTERS_MAX = 1_000_000;

/** What this tab held before it was reloaded. */
export function restoreDraft(): Draft {
  try {
    const kept = JSON.parse(sessionStorage.getItem(DRAFT_KEY) ?? '{}') as Partial<Draft>;
    return { ...EMPTY_DRAFT, ...kept, fields: { ...EMPTY_DRAFT.fields, ...kept.fields } };
  } catch {
    return EMPTY_DRAFT;
  }
}

/** False when it is too large to be kept. */
export function keepDraft(draft: Draft): boolean {
  try {
    const isTooLarge = draft.text.length > KEPT_CHARACTERS_MAX;
    sessionStorage.setItem(DRAFT_KEY, JSON.stringify(isTooLarge ? { ...draft, text: '' } : draft));
    return !isTooLarge;
  } catch {
    return false;
  }
}

export function forgetDraft(): void {
  sessionStorage.removeItem(DRAFT_KEY);
}
