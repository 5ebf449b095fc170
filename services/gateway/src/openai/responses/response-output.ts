import { AppError } from '@prodigon/contracts';
import type { ContentEvent } from '@prodigon/ports';
import {
  createFunctionCallItem,
  createMessageItem,
  createReasoningItem,
  type GrowingItem,
  type ItemEvent,
  type ItemStatus,
  type ResponseItem,
} from './response-items.ts';

/** An answer is kept until its end, which repeats it whole, so it may not grow without a bound. */
const ANSWER_CHARACTERS_MAX = 4 << 20;
/** What an item costs besides its text, so that a flood of empty ones has a bound too. */
const ITEM_CHARACTERS = 1_024;

export interface ResponseOutput {
  /** Adds a piece of the answer; returns what is to be told of it, in order. Throws `INFERENCE_ERROR` when it gets too large. */
  take(event: ContentEvent): ItemEvent[];
  /** Closes what is still open; the last item takes the status of the whole. */
  close(status: ItemStatus): ItemEvent[];
  /** Every item as it is by now; `open` is the status of those that are not closed. */
  items(open: ItemStatus): ResponseItem[];
}

interface Entry {
  readonly growing: GrowingItem;
  readonly kind: ContentEvent['type'];
  /** `in_progress` while it is open. */
  status: ItemStatus;
}

/**
 * Sorts the pieces of an answer into items. Text and thoughts follow one another; calls of functions may
 * be made side by side, told apart by their index. Ids are made of `base`, so the same answer gets the same ones.
 */
export function createResponseOutput(base: string): ResponseOutput {
  const entries: Entry[] = [];
  /** By the provider's index; an index that begins again with another id is another call. */
  const calls = new Map<number, { id: string | undefined; entry: Entry }>();
  let characters = 0;

  function count(more: number): void {
    characters += more;
    if (characters > ANSWER_CHARACTERS_MAX)
      throw new AppError('INFERENCE_ERROR', 'The answer of the model provider is too large.');
  }

  function add(kind: ContentEvent['type'], growing: GrowingItem, told: ItemEvent[]): Entry {
    count(ITEM_CHARACTERS);
    const entry: Entry = { growing, kind, status: 'in_progress' };
    entries.push(entry);
    told.push(...growing.open());
    return entry;
  }

  function close(entry: Entry, status: ItemStatus): ItemEvent[] {
    if (entry.status !== 'in_progress') return [];
    entry.status = status;
    return entry.growing.close(status);
  }

  /** Closes what was said or thought until now, since something else begins. Calls stay open: more of them may come. */
  function closeProse(told: ItemEvent[]): void {
    const last = entries.at(-1);
    if (last && last.kind !== 'tool_call') told.push(...close(last, 'completed'));
  }

  function proseEntry(kind: 'text' | 'reasoning', told: ItemEvent[]): Entry {
    const last = entries.at(-1);
    if (last?.kind === kind) return last;
    closeProse(told);
    const index = entries.length;
    const growing =
      kind === 'text' ? createMessageItem(`msg_${base}_${index}`, index) : createReasoningItem(`rs_${base}_${index}`, index);
    return add(kind, growing, told);
  }

  function callEntry(event: Extract<ContentEvent, { type: 'tool_call' }>, told: ItemEvent[]): Entry {
    const known = calls.get(event.index);
    const isAnother = event.id && event.name && known?.id !== event.id;
    if (known && !isAnother) return known.entry;
    closeProse(told);
    const index = entries.length;
    const call = { call_id: event.id || `call_${base}_${index}`, name: event.name ?? '' };
    const entry = add('tool_call', createFunctionCallItem(`fc_${base}_${index}`, index, call), told);
    calls.set(event.index, { id: event.id, entry });
    return entry;
  }

  return {
    take(event) {
      const told: ItemEvent[] = [];
      const entry = event.type === 'tool_call' ? callEntry(event, told) : proseEntry(event.type, told);
      const delta = event.type === 'tool_call' ? event.argumentsDelta : event.text;
      count(delta.length);
      told.push(...entry.growing.append(delta));
      return told;
    },
    close(status) {
      const last = entries.at(-1);
      return entries.flatMap((entry) => close(entry, entry === last ? status : 'completed'));
    },
    items: (open) => entries.map(({ growing, status }) => growing.item(status === 'in_progress' ? open : status)),
  };
}
