import { AppError } from '@prodigon/contracts';
import type { ModelClient } from '@prodigon/ports';

/**
 * Returns the client for requests that are translated into chat completions. Its errors name fields of the caller's request:
 * `nameOf` returns one for a field of the chat completion.
 */
export function namingFields(
  model: ModelClient,
  nameOf: (chatField: string) => string,
): Pick<ModelClient, 'complete' | 'stream'> {
  const rethrow = (thrown: unknown): never => {
    throw AppError.from(thrown).withFields(nameOf);
  };
  return {
    complete: (...call) => model.complete(...call).catch(rethrow),
    // Failures after the beginning of a stream are not about the request.
    stream: (...call) => model.stream(...call).catch(rethrow),
  };
}
