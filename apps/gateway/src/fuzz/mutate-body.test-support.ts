import { gzipSync } from 'node:zlib';
import { hostileText, type SeededRandom } from '@prodigon/testing';
import { hostileName, hostileValue } from './payloads.test-support.ts';
import type { Json } from './schema-examples.test-support.ts';

export interface BadBody {
  /** What is wrong with it. */
  readonly what: string;
  readonly bytes: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A placeholder for text that `JSON.stringify` cannot write. */
const HERE = 'placeholder-of-the-payload';
const toText = (value: Json, payload: string): string => JSON.stringify(value).split(JSON.stringify(HERE)).join(payload);

type Place = { readonly holder: Json[] | { [name: string]: Json }; readonly key: string };

/** Every property and item at every depth. */
function placesIn(value: Json): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).flatMap((key) => [
    { holder: value, key },
    ...placesIn((value as { [name: string]: Json })[key] ?? null),
  ]);
}

function set({ holder, key }: Place, value: Json): void {
  (holder as { [name: string]: Json })[key] = value;
}

type Mutation = (example: Json, random: SeededRandom) => BadBody;

const ofText = (what: string, text: string): BadBody => ({ what, bytes: Buffer.from(text) });

/** Replaces a property or item. */
const replaced: Mutation = (example, random) => {
  const places = placesIn(example);
  if (places.length === 0) return whole(example, random);
  const place = random.pick(places);
  set(place, HERE);
  return ofText(`${place.key} replaced`, toText(example, hostileValue(random)));
};

const whole: Mutation = (_example, random) => ofText('something else instead of it', hostileValue(random));

const missing: Mutation = (example, random) => {
  const places = placesIn(example);
  if (places.length === 0) return ofText('nothing', '');
  const { holder, key } = random.pick(places);
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
  return ofText(`${key} missing`, JSON.stringify(example));
};

/** Adds an unknown property, or a duplicate, to an object. */
const added: Mutation = (example, random) => {
  const objects = [example, ...placesIn(example).map(({ holder, key }) => (holder as { [name: string]: Json })[key])].filter(
    (each): each is { [name: string]: Json } => typeof each === 'object' && each !== null && !Array.isArray(each),
  );
  if (objects.length === 0) return whole(example, random);
  const object = random.pick(objects);
  const names = Object.keys(object);
  const name = names.length > 0 && random.oneIn(3) ? random.pick(names) : hostileName(random);
  const rest = names.map((each) => `${JSON.stringify(each)}:${JSON.stringify(object[each])}`);
  const pair = `${JSON.stringify(name)}:${hostileValue(random)}`;
  const text = `{${(random.oneIn(2) ? [pair, ...rest] : [...rest, pair]).join()}}`;
  if (object === example) return ofText(`${name.slice(0, 20)} added`, text);
  const place = placesIn(example).find(({ holder, key }) => (holder as { [each: string]: Json })[key] === object);
  if (place) set(place, HERE);
  return ofText(`${name.slice(0, 20)} added`, toText(example, text));
};

const cut: Mutation = (example, random) => {
  const bytes = Buffer.from(JSON.stringify(example));
  return { what: 'cut off', bytes: bytes.subarray(0, random.upTo(bytes.length)) };
};

const followed: Mutation = (example, random) =>
  ofText('followed by more', JSON.stringify(example) + random.pick(['}', ',', 'x', '\0', '{}', '\n\n[]', '//']));

const awkward: Mutation = (example, random) => {
  const places = placesIn(example).filter(({ holder, key }) => typeof (holder as { [name: string]: Json })[key] === 'string');
  if (places.length > 0) set(random.pick(places), hostileText(random, 40));
  return ofText('an awkward text', JSON.stringify(example));
};

const ENCODINGS: readonly ((text: string) => Buffer)[] = [
  (text) => Buffer.from(text, 'utf16le'),
  (text) => Buffer.from(text, 'utf16le').swap16(),
  (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  (text) => Buffer.from(text, 'latin1'),
  (text) => Buffer.from(`\ufeff${text}`),
  (text) => Buffer.from(`\0${text}`),
];
const encoded: Mutation = (example, random) => ({
  what: 'in another encoding',
  bytes: random.pick(ENCODINGS)(JSON.stringify(example)),
});

const damaged: Mutation = (example, random) => {
  const bytes = Buffer.from(JSON.stringify(example));
  for (let count = 0; count <= random.upTo(3); count++) bytes[random.upTo(bytes.length - 1)] = random.upTo(255);
  return { what: 'with damaged bytes', bytes };
};

const packed: Mutation = (example, random) => ({
  what: 'compressed',
  bytes: random.oneIn(2) ? gzipSync(JSON.stringify(example)) : Buffer.from(JSON.stringify(example)),
  headers: { 'content-encoding': random.pick(['gzip', 'br', 'deflate', 'identity', 'nothing', 'gzip, gzip']) },
});

const noise: Mutation = (_example, random) => ({ what: 'noise', bytes: Buffer.from(random.bytes(random.upTo(300))) });

const MUTATIONS: readonly Mutation[] = [
  ...Array<Mutation>(6).fill(replaced),
  ...Array<Mutation>(3).fill(added),
  missing,
  missing,
  awkward,
  whole,
  cut,
  followed,
  encoded,
  damaged,
  packed,
  noise,
];

/** One of the many ways in which a body may be wrong. `example` may be changed. */
export function mutateBody(example: Json, random: SeededRandom): BadBody {
  return random.pick(MUTATIONS)(example, random);
}
