import { expect, it } from 'vitest';
import { MESSAGES } from './codecs.ts';
import recorded from './results/codecs.json' with { type: 'json' };

it.each(MESSAGES)('$id has the sizes that the lesson names', ({ id, json, protobuf }) => {
  expect(recorded.messages).toHaveProperty([id, 'json', 'bytes'], json.bytes.length);
  expect(recorded.messages).toHaveProperty([id, 'protobuf', 'bytes'], protobuf.bytes.length);
});

it('sends an explicit zero as a field of nine bytes', () => {
  const request = MESSAGES.find(({ id }) => id === 'request')?.protobuf.bytes ?? new Uint8Array();
  expect(Buffer.from(request).toString('hex')).toBe('0a18120d0a0475736572120568656c6c6f190000000000000000');
});
