import type { ModelClient } from '@prodigon/ports';

/** Creates a client that reports every call to the `onUsage` of its context. */
export function createMeteredModelClient(model: ModelClient): ModelClient {
  return {
    complete(request, context) {
      const completion = model.complete(request, context);
      context.onUsage?.(completion);
      return completion;
    },
    stream(request, context, options) {
      const stream = model.stream(request, context, options);
      context.onUsage?.(stream.then(({ outcome }) => outcome));
      return stream;
    },
    embed(request, context) {
      const embeddings = model.embed(request, context);
      context.onUsage?.(embeddings);
      return embeddings;
    },
    models: (context) => model.models(context),
    usage: (period, context) => model.usage(period, context),
  };
}
