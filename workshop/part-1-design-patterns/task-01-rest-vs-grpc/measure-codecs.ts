// Writes `results/codecs.json`: sizes of the messages, and CPU time of encoding and decoding them.
import { writeFileSync } from 'node:fs';
import { describeMachine } from '@prodigon/lab';
import { type EncodedMessage, MESSAGES } from './codecs.ts';

const WARM_UP_CALLS = 5_000;
const CALLS = 5_000;
const ROUNDS = 9;

/** Returns the median CPU time of a call in microseconds, over interleaved rounds. */
function measure(calls: readonly (() => unknown)[]): number[] {
  for (const call of calls) for (let index = 0; index < WARM_UP_CALLS; index += 1) call();
  const rounds = Array.from({ length: ROUNDS }, () => calls.map(cpuMicroseconds));
  return calls.map((_, call) => {
    const sorted = rounds.map((round) => round[call] ?? Number.NaN).sort((one, other) => one - other);
    return Number((sorted[Math.floor(ROUNDS / 2)] ?? Number.NaN).toPrecision(3));
  });
}

function cpuMicroseconds(call: () => unknown): number {
  const start = process.cpuUsage();
  for (let index = 0; index < CALLS; index += 1) call();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / CALLS;
}

function describe({ json, protobuf }: EncodedMessage) {
  const times = measure([json.encode, json.decode, protobuf.encode, protobuf.decode]);
  const [jsonEncodeUs = 0, jsonDecodeUs = 0, protobufEncodeUs = 0, protobufDecodeUs = 0] = times;
  return {
    json: { bytes: json.bytes.length, encodeUs: jsonEncodeUs, decodeUs: jsonDecodeUs },
    protobuf: { bytes: protobuf.bytes.length, encodeUs: protobufEncodeUs, decodeUs: protobufDecodeUs },
    sizeRatio: Number((json.bytes.length / protobuf.bytes.length).toPrecision(4)),
  };
}

const result = {
  machine: describeMachine(),
  messages: Object.fromEntries(MESSAGES.map((message) => [message.id, describe(message)])),
};
writeFileSync(new URL('results/codecs.json', import.meta.url), `${JSON.stringify(result, null, 2)}\n`);
