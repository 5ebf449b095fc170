// What the rest of your program knows about inference: no gRPC, no addresses. You need not change this file.

export interface InferenceRequest {
  /** The platform's default model without it. */
  readonly model?: string;
  readonly messages: readonly { readonly role: 'system' | 'user' | 'assistant'; readonly content: string }[];
  /** Absent means that the provider decides. 0 is a value like any other. */
  readonly temperature?: number;
  readonly topP?: number;
  readonly maxTokens?: number;
  readonly seed?: number;
}

export interface InferenceResponse {
  readonly model: string;
  readonly text: string;
  readonly finishReason: string;
  readonly usage: { readonly promptTokens: number; readonly completionTokens: number };
}

export interface CallOptions {
  /** Aborting it cancels the call, also in the model service. */
  readonly signal?: AbortSignal;
  /** Overrides the timeout of the client. */
  readonly timeoutMs?: number;
}

/**
 * Both calls fail with an `AppError`:
 *
 * | gRPC status        | code of the `AppError` |
 * |--------------------|------------------------|
 * | UNAVAILABLE        | SERVICE_UNAVAILABLE    |
 * | RESOURCE_EXHAUSTED | RATE_LIMITED           |
 * | DEADLINE_EXCEEDED  | DEADLINE_EXCEEDED      |
 * | INVALID_ARGUMENT   | VALIDATION_ERROR       |
 * | UNAUTHENTICATED    | UNAUTHENTICATED        |
 * | CANCELLED          | CANCELLED              |
 * | any other          | INTERNAL_ERROR         |
 */
export interface InferenceClient {
  generate(request: InferenceRequest, options?: CallOptions): Promise<InferenceResponse>;
  /** Yields the parts of the text. Leaving the loop cancels the call. */
  stream(request: InferenceRequest, options?: CallOptions): AsyncIterable<string>;
  /** Closes all connections. */
  close(): void;
}

export interface InferenceClientOptions {
  /** One `host:port` for each replica of the model service. The hosts are IP addresses. */
  readonly addresses: readonly string[];
  /** The internal token of the platform, which travels as `authorization: Bearer …`. */
  readonly token: string;
  /** The time that a call may take, from the request to the end of the response. */
  readonly timeoutMs: number;
}
