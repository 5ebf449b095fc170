import { AppError } from '@prodigon/contracts';

export function embeddingsUnsupportedError(model: string): AppError {
  return new AppError('BAD_REQUEST', `${model} is a chat model and has no embeddings. Use prodigon-embed.`);
}
