import { AppError } from '@prodigon/contracts';

/** For a model that only answers. */
export function noEmbeddings(model: string): AppError {
  return new AppError('BAD_REQUEST', `${model} answers questions and makes no embeddings. Use prodigon-embed.`);
}
