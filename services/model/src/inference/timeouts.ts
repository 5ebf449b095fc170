/** How long a provider may take, in milliseconds. The connect timeout is the adapter's, the total one the caller's deadline. */
export interface InferenceTimeouts {
  readonly firstTokenMs: number;
  readonly idleMs: number;
}
