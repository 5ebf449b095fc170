const STORAGE_KEY = 'prodigon.new-job.key';

/** A random idempotency key. `crypto.randomUUID` does not exist on pages without TLS. */
export function createIdempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Returns the idempotency key of a submission. An equal submission gets the same key, even after a reload, so
 * that a double click or a retry creates one job. A changed submission gets another key.
 */
export function submissionKey(submission: string): string {
  const digest = digestOf(submission);
  const [savedDigest, savedKey] = sessionStorage.getItem(STORAGE_KEY)?.split(' ') ?? [];
  if (savedDigest === digest && savedKey) return savedKey;
  const key = createIdempotencyKey();
  try {
    sessionStorage.setItem(STORAGE_KEY, `${digest} ${key}`);
  } catch {
    // Storage is blocked or full: after a reload, the submission gets another key.
  }
  return key;
}

/** Deletes the saved key, so that an equal submission creates another job. */
export function clearSubmissionKey(): void {
  sessionStorage.removeItem(STORAGE_KEY);
}

/** FNV-1a with two seeds. `crypto.subtle` does not exist on pages without TLS. */
function digestOf(text: string): string {
  let [a, b] = [0x811c9dc5, 0x01234567];
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b);
  }
  return `${(a >>> 0).toString(16)}${(b >>> 0).toString(16)}.${text.length}`;
}
