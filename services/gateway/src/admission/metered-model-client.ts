import type { ModelClient } from '@prodigon/ports';

/** Creates a client that reports the tokens of every call to the `onTokens` of its context. */
export function createMeteredModelClient(model: ModelClient): ModelClient {
  return {
    complete(request, context) {
      const completion = model.complete(request, context);
      context.onTokens?.(completion.then(({ usage }) => usage.total_tokens));
      return completion;
    },
    stream(request, context, options) {
      const stream = model.stream(request, context, options);
      context.onTokens?.(stream.then(({ outcome }) => outcome).then(({ usage }) => usage.total_tokens));
      return stream;
    },
    embed(request, context) {
      const embeddings = model.embed(request, context);
      context.onTokens?.(embeddings.then(({ usage }) => usage.total_tokens));
      return embeddings;
    },
    models: (context) => model.models(context),
    usage: (period, context) => model.usage(period, context),
  };
}
