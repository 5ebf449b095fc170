import { EmbedResponse, GenerateRequest, GenerateResponse } from '@prodigon/contracts/grpc';

/** The same message as JSON of the platform's HTTP API and as a protocol buffer of its gRPC API. */
export interface EncodedMessage {
  readonly id: string;
  readonly json: { readonly bytes: Buffer; encode(): unknown; decode(): unknown };
  readonly protobuf: { readonly bytes: Uint8Array; encode(): unknown; decode(): unknown };
}

const FLOATS = 768;
const SEED_MAX = 2_147_483_647;
const usage = { promptTokens: 12, completionTokens: 34, totalTokens: 46, estimated: false };

/** The messages of the lesson: a short request, completions of three lengths, and an embedding. */
export const MESSAGES: readonly EncodedMessage[] = [
  request(),
  completion(50),
  completion(4_096),
  completion(65_536),
  embedding(),
];

function request(): EncodedMessage {
  const messages = [{ role: 'user', content: 'hello' }];
  return encoded('request', { messages, temperature: 0 }, GenerateRequest, {
    request: { $case: 'prompt', value: { messages, temperature: 0, stop: [] } },
  });
}

function completion(characters: number): EncodedMessage {
  const words = 'lorem ipsum dolor sit amet ';
  const text = words.repeat(Math.ceil(characters / words.length)).slice(0, characters);
  const json = {
    id: 'chatcmpl-0123456789abcdef',
    object: 'chat.completion',
    created: 1_760_000_000,
    model: 'prodigon-sim',
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 12, completion_tokens: 34, total_tokens: 46 },
  };
  return encoded(`completion-${characters}`, json, GenerateResponse, {
    response: { $case: 'completion', value: { model: 'prodigon-sim', text, finishReason: 'stop', usage } },
  });
}

function embedding(): EncodedMessage {
  let state = 1;
  const values = Array.from({ length: FLOATS }, () => {
    state = (state * 48_271) % SEED_MAX;
    // The precision of a float, as providers print it.
    return Number(Math.fround((state / SEED_MAX - 0.5) / 14).toPrecision(8));
  });
  const json = {
    object: 'list',
    data: [{ object: 'embedding', index: 0, embedding: values }],
    model: 'prodigon-embed',
    usage: { prompt_tokens: 12, total_tokens: 12 },
  };
  return encoded(`embedding-${FLOATS}`, json, EmbedResponse, {
    response: { $case: 'embeddings', value: { model: 'prodigon-embed', embeddings: [{ values }], usage } },
  });
}

function encoded<Message>(
  id: string,
  json: object,
  codec: { encode(message: Message): { finish(): Uint8Array }; decode(bytes: Uint8Array): unknown },
  message: Message,
): EncodedMessage {
  const encodeJson = () => Buffer.from(JSON.stringify(json));
  const encodeProtobuf = () => codec.encode(message).finish();
  const [jsonBytes, protobufBytes] = [encodeJson(), encodeProtobuf()];
  return {
    id,
    json: { bytes: jsonBytes, encode: encodeJson, decode: () => JSON.parse(jsonBytes.toString()) },
    protobuf: { bytes: protobufBytes, encode: encodeProtobuf, decode: () => codec.decode(protobufBytes) },
  };
}
