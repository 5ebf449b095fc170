import { AppError } from '@prodigon/contracts';
import type { ContentEvent, GenerationOutcome } from '@prodigon/ports';
import {
  createFunctionCallItem,
  createMessageItem,
  createReasoningItem,
  type ItemAccumulator,
  type ItemEvent,
  type ItemStatus,
  type ResponseItem,
} from './response-items.ts';
import { completeResponse, failResponse, incompleteReason, type ResponseObject } from './response-object.ts';

/** Bounds the memory for the output, which the last event repeats. */
const OUTPUT_CHARACTERS_MAX = 4 << 20;
/** Added for each item, so that a flood of empty items reaches the limit too. */
const ITEM_CHARACTERS = 1_024;

type ResponseStatusEvent = {
  [Type in 'created' | 'in_progress' | 'completed' | 'incomplete' | 'failed']: {
    type: `response.${Type}`;
    response: ResponseObject;
  };
}['created' | 'in_progress' | 'completed' | 'incomplete' | 'failed'];
type EventBody = ItemEvent | ResponseStatusEvent | { type: 'error'; code: string; message: string; param: string | null };

/** One event of a streamed response, numbered from 0. */
export type ResponseEvent = EventBody & { sequence_number: number };

/** Turns one completion into events, in the documented order. Call `start`, then `add` for each content event, then `complete` or `fail`. */
export interface ResponseEvents {
  start(response: ResponseObject): ResponseEvent[];
  add(content: ContentEvent): ResponseEvent[];
  complete(outcome: Pick<GenerationOutcome, 'finish' | 'usage'>): ResponseEvent[];
  /** Returns an `error` event if the response has not started, because there is no response object to report as failed. */
  fail(error: AppError): ResponseEvent[];
  /** The current response object; complete after `complete`. */
  readonly response: ResponseObject | undefined;
}

/**
 * Creates the events of one response. `base` is unique for each response, and the ids of its items derive from it.
 * Source: https://platform.openai.com/docs/api-reference/responses-streaming
 */
export function createResponseEvents(base: string, now: () => number = Date.now): ResponseEvents {
  const output = createOutputItems(base);
  let response: ResponseObject | undefined;
  let sequence = 0;
  const numbered = (bodies: readonly EventBody[]) => bodies.map((body) => ({ ...body, sequence_number: sequence++ }));

  return {
    start(initial) {
      response = initial;
      return numbered([
        { type: 'response.created', response },
        { type: 'response.in_progress', response },
      ]);
    },
    add: (content) => numbered(output.add(content)),
    complete(outcome) {
      if (!response) return [];
      const status = incompleteReason(outcome.finish) ? 'incomplete' : 'completed';
      const closing = output.close(status);
      response = completeResponse(response, output.items(status), outcome, now());
      return numbered([...closing, { type: `response.${status}`, response }]);
    },
    fail(error) {
      if (!response)
        return numbered([
          {
            type: 'error',
            code: error.code.toLowerCase(),
            message: error.publicMessage,
            param: error.providerReason?.param ?? null,
          },
        ]);
      response = failResponse(response, output.items('incomplete'), error);
      return numbered([{ type: 'response.failed', response }]);
    },
    get response() {
      return response;
    },
  };
}

interface OutputItems {
  /** Adds one content event and returns the item events for it, in order. Throws `INFERENCE_ERROR` if the output is too large. */
  add(event: ContentEvent): ItemEvent[];
  /** Closes all open items. The last item gets `status`, the others are `completed`. */
  close(status: ItemStatus): ItemEvent[];
  /** Returns every item so far; those that are not closed get `openStatus`. */
  items(openStatus: ItemStatus): ResponseItem[];
}

interface Entry {
  readonly accumulator: ItemAccumulator;
  readonly kind: ContentEvent['type'];
  /** `in_progress` while it is open. */
  status: ItemStatus;
}

/**
 * Groups content events into items. Text and reasoning alternate; function calls can overlap and are distinguished by
 * their index. Item ids derive from `base`, so the same completion gets the same ids.
 */
function createOutputItems(base: string): OutputItems {
  const entries: Entry[] = [];
  /** By the provider's index. An index that appears again with another id belongs to a new call. */
  const calls = new Map<number, { id: string | undefined; entry: Entry }>();
  let characters = 0;

  function countCharacters(added: number): void {
    characters += added;
    if (characters > OUTPUT_CHARACTERS_MAX)
      throw new AppError('INFERENCE_ERROR', 'The response of the model provider is too large.');
  }

  function open(kind: ContentEvent['type'], accumulator: ItemAccumulator, events: ItemEvent[]): Entry {
    countCharacters(ITEM_CHARACTERS);
    const entry: Entry = { accumulator, kind, status: 'in_progress' };
    entries.push(entry);
    events.push(...accumulator.open());
    return entry;
  }

  function close(entry: Entry, status: ItemStatus): ItemEvent[] {
    if (entry.status !== 'in_progress') return [];
    entry.status = status;
    return entry.accumulator.close(status);
  }

  /** Closes the last text or reasoning item because an item of another kind starts. Calls stay open for later deltas. */
  function closeLastText(events: ItemEvent[]): void {
    const last = entries.at(-1);
    if (last && last.kind !== 'tool_call') events.push(...close(last, 'completed'));
  }

  function textEntry(kind: 'text' | 'reasoning', events: ItemEvent[]): Entry {
    const last = entries.at(-1);
    if (last?.kind === kind) return last;
    closeLastText(events);
    const index = entries.length;
    const accumulator =
      kind === 'text' ? createMessageItem(`msg_${base}_${index}`, index) : createReasoningItem(`rs_${base}_${index}`, index);
    return open(kind, accumulator, events);
  }

  function callEntry(event: Extract<ContentEvent, { type: 'tool_call' }>, events: ItemEvent[]): Entry {
    const known = calls.get(event.index);
    const isAnother = event.id && event.name && known?.id !== event.id;
    if (known && !isAnother) return known.entry;
    closeLastText(events);
    const index = entries.length;
    const call = { call_id: event.id || `call_${base}_${index}`, name: event.name ?? '' };
    const entry = open('tool_call', createFunctionCallItem(`fc_${base}_${index}`, index, call), events);
    calls.set(event.index, { id: event.id, entry });
    return entry;
  }

  return {
    add(event) {
      const events: ItemEvent[] = [];
      const entry = event.type === 'tool_call' ? callEntry(event, events) : textEntry(event.type, events);
      const delta = event.type === 'tool_call' ? event.argumentsDelta : event.text;
      countCharacters(delta.length);
      events.push(...entry.accumulator.append(delta));
      return events;
    },
    close(status) {
      const last = entries.at(-1);
      return entries.flatMap((entry) => close(entry, entry === last ? status : 'completed'));
    },
    items: (openStatus) =>
      entries.map(({ accumulator, status }) => accumulator.item(status === 'in_progress' ? openStatus : status)),
  };
}
