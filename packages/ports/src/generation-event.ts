import type { ReportedUsage } from '@prodigon/contracts';

/** A part of a response. */
export type ContentEvent =
  | {
      readonly type: 'text';
      readonly text: string;
      /** The log probabilities of the tokens in the text, in the format of OpenAI's chat completions. */
      readonly logprobs?: readonly unknown[];
    }
  | { readonly type: 'reasoning'; readonly text: string }
  /** A refusal by the model. Text clients show it as the response. */
  | { readonly type: 'refusal'; readonly text: string }
  /** A reference in the text before it, in the format of OpenAI's chat completions. */
  | { readonly type: 'annotation'; readonly annotation: Readonly<Record<string, unknown>> }
  | {
      readonly type: 'tool_call';
      readonly index: number;
      readonly id?: string | undefined;
      readonly name?: string | undefined;
      readonly argumentsDelta: string;
    };

/**
 * An event from a provider: content, the finish reason or the usage. Providers throw errors instead of sending them.
 * A provider with OpenAI's format sends each raw chunk before its events, so that the gateway can forward it unchanged.
 */
export type ProviderEvent =
  | ContentEvent
  | { readonly type: 'finish'; readonly reason: string }
  | { readonly type: 'usage'; readonly usage: ReportedUsage }
  | { readonly type: 'chunk'; readonly chunk: RawChunk };

/** One `chat.completion.chunk` as the provider sent it. */
export interface RawChunk {
  /** The JSON on one line. */
  readonly json: string;
  /** The field `usage`, which OpenAI sends as null in every chunk but the last. */
  readonly usage: 'absent' | 'null' | 'present';
  /** False for chunks without content, which carry usage or the result of a content filter. */
  readonly hasChoices: boolean;
  /** Whether the first choice has a role. */
  readonly hasRole: boolean;
}
