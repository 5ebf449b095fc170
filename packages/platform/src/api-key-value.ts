import { hash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { API_KEY_PREFIX } from '@prodigon/contracts';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 33 characters of 62 hold 196 random bits. */
const RANDOM_CHARACTERS = 33;
/** Six characters of 62 hold the 32 bits of a CRC. */
const CHECKSUM_CHARACTERS = 6;
const VALUE = new RegExp(`^${API_KEY_PREFIX}[0-9A-Za-z]{${RANDOM_CHARACTERS + CHECKSUM_CHARACTERS}}$`);

/** Returns the value of a new API key: the prefix, 196 random bits and a checksum. */
export function createApiKeyValue(): string {
  const random = Array.from({ length: RANDOM_CHARACTERS }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return `${API_KEY_PREFIX}${random}${checksumOf(random)}`;
}

/** Returns whether a text may be the value of an API key, so that a text with a typing error needs no lookup. */
export function isApiKeyValue(text: string): boolean {
  if (!VALUE.test(text)) return false;
  const random = text.slice(API_KEY_PREFIX.length, -CHECKSUM_CHARACTERS);
  return text.endsWith(checksumOf(random));
}

/** Returns the SHA-256 hash of the value of an API key. Its 196 random bits make a slow hash unnecessary. */
export function hashApiKey(value: string): Buffer {
  return hash('sha256', value, 'buffer');
}

function checksumOf(text: string): string {
  let rest = crc32(text);
  let checksum = '';
  for (let index = 0; index < CHECKSUM_CHARACTERS; index += 1) {
    checksum = `${ALPHABET[rest % ALPHABET.length]}${checksum}`;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return checksum;
}
