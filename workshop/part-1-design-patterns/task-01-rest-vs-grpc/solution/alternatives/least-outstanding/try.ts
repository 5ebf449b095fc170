// Asks the model service of the running platform one question:
//
//   INTERNAL_TOKEN=a-token-of-at-least-32-characters npm start
//   INTERNAL_TOKEN=a-token-of-at-least-32-characters node_modules/.bin/node my/01/try.ts "What is a deadline?"
import { createInferenceClient } from './inference-client.ts';

const { INTERNAL_TOKEN: token = '', MODEL_GRPC_PORT: port = '8011' } = process.env;
const question = process.argv[2] ?? 'What is a deadline?';
const client = createInferenceClient({ addresses: [`127.0.0.1:${port}`], token, timeoutMs: 30_000 });
try {
  const messages = [{ role: 'user', content: question }] as const;
  for await (const part of client.stream({ messages })) process.stdout.write(part);
  process.stdout.write('\n');
} finally {
  client.close();
}
