import { newKey } from '../new-key.ts';

const STORAGE_KEY = 'prodigon.new-job.key';

/**
 * The idempotency key of this form: the same for the same submission, also after a reload, so that a
 * double click or another try makes one job; another one once something was changed.
 */
export function keyFor(submission: string): string {
  const digest = digestOf(submission);
  const [keptDigest, keptKey] = sessionStorage.getItem(STORAGE_KEY)?.split(' ') ?? [];
  if (keptDigest === digest && keptKey) return keptKey;
  const key = newKey();
  try {
    sessionStorage.setItem(STORAGE_KEY, `${digest} ${key}`);
  } catch {
    // Storage is blocked or full: a reload gets another key.
  }
  return key;
}

/** The next submission is another job, even an equal one. */
export function forgetKey(): void {
  sessionStorage.removeItem(STORAGE_KEY);
}

/** FNV-1a, twice: `crypto.subtle` is missing on pages that did not come over TLS. */
function digestOf(text: string): string {
  let [a, b] = [0x811c9dc5, 0x01234567];
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b);
  }
  return `${(a >>> 0).toString(16)}${(b >>> 0).toString(16)}.${text.length}`;
}
