import { gzipSync } from 'node:zlib';
import { hostileText, type SeededRandom } from '@prodigon/testing';
import { hostileName, hostileValue } from './payloads.test-support.ts';
import type { Json } from './schema-examples.test-support.ts';

export interface MalformedBody {
  /** Describes the change, for reports. */
  readonly mutation: string;
  readonly bytes: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Placeholder for text that `JSON.stringify` cannot produce. */
const PLACEHOLDER = 'placeholder-of-the-payload';
const toText = (value: Json, payload: string): string => JSON.stringify(value).split(JSON.stringify(PLACEHOLDER)).join(payload);

/** A property or an item. */
type ValueLocation = { readonly parent: Json[] | { [name: string]: Json }; readonly key: string };

/** Returns all properties and items at every depth. */
function locationsIn(value: Json): ValueLocation[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).flatMap((key) => [
    { parent: value, key },
    ...locationsIn((value as { [name: string]: Json })[key] ?? null),
  ]);
}

function set({ parent, key }: ValueLocation, value: Json): void {
  (parent as { [name: string]: Json })[key] = value;
}

type Mutation = (example: Json, random: SeededRandom) => MalformedBody;

const textBody = (mutation: string, text: string): MalformedBody => ({ mutation, bytes: Buffer.from(text) });

/** Replaces a property or item. */
const replaceValue: Mutation = (example, random) => {
  const locations = locationsIn(example);
  if (locations.length === 0) return replaceBody(example, random);
  const location = random.pick(locations);
  set(location, PLACEHOLDER);
  return textBody(`${location.key} replaced`, toText(example, hostileValue(random)));
};

const replaceBody: Mutation = (_example, random) => textBody('another value instead of the body', hostileValue(random));

const removeValue: Mutation = (example, random) => {
  const locations = locationsIn(example);
  if (locations.length === 0) return textBody('an empty body', '');
  const { parent, key } = random.pick(locations);
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete parent[key];
  return textBody(`${key} missing`, JSON.stringify(example));
};

/** Adds an unknown property, or a duplicate, to an object. */
const addProperty: Mutation = (example, random) => {
  const objects = [example, ...locationsIn(example).map(({ parent, key }) => (parent as { [name: string]: Json })[key])].filter(
    (value): value is { [name: string]: Json } => typeof value === 'object' && value !== null && !Array.isArray(value),
  );
  if (objects.length === 0) return replaceBody(example, random);
  const object = random.pick(objects);
  const names = Object.keys(object);
  const name = names.length > 0 && random.oneIn(3) ? random.pick(names) : hostileName(random);
  const rest = names.map((other) => `${JSON.stringify(other)}:${JSON.stringify(object[other])}`);
  const pair = `${JSON.stringify(name)}:${hostileValue(random)}`;
  const text = `{${(random.oneIn(2) ? [pair, ...rest] : [...rest, pair]).join()}}`;
  if (object === example) return textBody(`${name.slice(0, 20)} added`, text);
  const location = locationsIn(example).find(({ parent, key }) => (parent as { [name: string]: Json })[key] === object);
  if (location) set(location, PLACEHOLDER);
  return textBody(`${name.slice(0, 20)} added`, toText(example, text));
};

const truncate: Mutation = (example, random) => {
  const bytes = Buffer.from(JSON.stringify(example));
  return { mutation: 'truncated', bytes: bytes.subarray(0, random.upTo(bytes.length)) };
};

const appendText: Mutation = (example, random) =>
  textBody('followed by other text', JSON.stringify(example) + random.pick(['}', ',', 'x', '\0', '{}', '\n\n[]', '//']));

const replaceText: Mutation = (example, random) => {
  const locations = locationsIn(example).filter(
    ({ parent, key }) => typeof (parent as { [name: string]: Json })[key] === 'string',
  );
  if (locations.length > 0) set(random.pick(locations), hostileText(random, 40));
  return textBody('a hostile text', JSON.stringify(example));
};

const ENCODINGS: readonly ((text: string) => Buffer)[] = [
  (text) => Buffer.from(text, 'utf16le'),
  (text) => Buffer.from(text, 'utf16le').swap16(),
  (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  (text) => Buffer.from(text, 'latin1'),
  (text) => Buffer.from(`\ufeff${text}`),
  (text) => Buffer.from(`\0${text}`),
];
const changeEncoding: Mutation = (example, random) => ({
  mutation: 'in another encoding',
  bytes: random.pick(ENCODINGS)(JSON.stringify(example)),
});

const corruptBytes: Mutation = (example, random) => {
  const bytes = Buffer.from(JSON.stringify(example));
  for (let count = 0; count <= random.upTo(3); count++) bytes[random.upTo(bytes.length - 1)] = random.upTo(255);
  return { mutation: 'with corrupted bytes', bytes };
};

const compress: Mutation = (example, random) => ({
  mutation: 'compressed',
  bytes: random.oneIn(2) ? gzipSync(JSON.stringify(example)) : Buffer.from(JSON.stringify(example)),
  headers: { 'content-encoding': random.pick(['gzip', 'br', 'deflate', 'identity', 'nothing', 'gzip, gzip']) },
});

const sendNoise: Mutation = (_example, random) => ({ mutation: 'noise', bytes: Buffer.from(random.bytes(random.upTo(300))) });

const MUTATIONS: readonly Mutation[] = [
  ...Array<Mutation>(6).fill(replaceValue),
  ...Array<Mutation>(3).fill(addProperty),
  removeValue,
  removeValue,
  replaceText,
  replaceBody,
  truncate,
  appendText,
  changeEncoding,
  corruptBytes,
  compress,
  sendNoise,
];

/** Makes a body invalid in a random way. May modify `example`. */
export function mutateBody(example: Json, random: SeededRandom): MalformedBody {
  return random.pick(MUTATIONS)(example, random);
}
