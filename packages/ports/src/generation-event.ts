import type { Usage } from '@prodigon/contracts';

/** A piece of an answer. */
export type ContentEvent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  | {
      readonly type: 'tool_call';
      readonly index: number;
      readonly id?: string | undefined;
      readonly name?: string | undefined;
      readonly argumentsDelta: string;
    };

/**
 * What a provider sends: content, why it ended, and what it counted. Failures are thrown, never sent. A provider that
 * speaks OpenAI's format says before the events of each chunk how it was worded, so that it can be passed on as it is.
 */
export type ProviderEvent =
  | ContentEvent
  | { readonly type: 'finish'; readonly reason: string }
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'chunk'; readonly chunk: RawChunk };

/** One `chat.completion.chunk` as it came. */
export interface RawChunk {
  /** Its JSON, without a line break. */
  readonly json: string;
  /** Its field `usage`: OpenAI sends it as null with every chunk but the last. */
  readonly usage: 'absent' | 'null' | 'told';
  /** Without any it is no part of the answer: it tells the usage, or what a filter thinks of the prompt. */
  readonly hasChoices: boolean;
  /** Whether its first choice says who speaks. */
  readonly hasRole: boolean;
}
