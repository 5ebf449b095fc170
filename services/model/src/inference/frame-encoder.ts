import type { Usage } from '@prodigon/contracts';
import type { ProviderEvent } from '@prodigon/ports';

/** Turns what a provider sends into the frames that the caller asked for. */
export interface FrameEncoder {
  /** All the frames of a batch as one text; empty when the format leaves them out. */
  encode(batch: readonly ProviderEvent[]): string;
  /** What the format wants to say after the last content. */
  finish(usage: Usage): string;
  /** The number of the last frame of content, counted from 1, where frames have numbers. */
  readonly sequence: number;
}
