import { AppError, toOpenAiError } from '@prodigon/contracts';
import type { ContentEvent, GenerationOutcome } from '@prodigon/ports';
import { createCallItem } from './call-items.ts';
import type { ItemEvent, ItemStatus, ResponseItem } from './item-events.ts';
import { toAnnotation } from './response-content.ts';
import { createMessageItem, createReasoningItem } from './response-items.ts';
import { completeResponse, failResponse, incompleteReason, type ResponseObject } from './response-object.ts';
import type { ToolNames } from './tool-names.ts';

/** Bounds the memory for the output, which the last event repeats. */
const OUTPUT_CHARACTERS_MAX = 4 << 20;
/** Added for each item, so that a flood of empty items reaches the limit too. */
const ITEM_CHARACTERS = 1_024;
/** Adds the log probability of each token. */
const TOKEN_CHARACTERS = 64;

type ResponseStatusEvent = {
  [Type in 'created' | 'in_progress' | 'completed' | 'incomplete' | 'failed']: {
    type: `response.${Type}`;
    response: ResponseObject;
  };
}['created' | 'in_progress' | 'completed' | 'incomplete' | 'failed'];
type EventBody = ItemEvent | ResponseStatusEvent | { type: 'error'; code: string; message: string; param: string | null };

/** One event of a streamed response, numbered from 0. */
export type ResponseEvent = EventBody & { sequence_number: number };

type Ending = Pick<GenerationOutcome, 'finish' | 'usage'>;

/** Turns one completion into events, in the documented order. Call `start`, then `add` for each content event, then `complete` or `fail`. */
export interface ResponseEvents {
  /** Returns the final response object of a stream with this content. */
  whole(initial: ResponseObject, content: readonly ContentEvent[], ending: Ending): ResponseObject;
  start(response: ResponseObject): ResponseEvent[];
  add(content: ContentEvent): ResponseEvent[];
  complete(ending: Ending): ResponseEvent[];
  /** Returns an `error` event if the response has not started, because there is no response object to report as failed. */
  fail(error: AppError): ResponseEvent[];
}

/**
 * Creates the events of one response. `base` is unique for each response, and the ids of its items derive from it.
 * Source: https://platform.openai.com/docs/api-reference/responses-streaming
 */
export function createResponseEvents(base: string, names: ToolNames, now: () => number = Date.now): ResponseEvents {
  const output = createOutputItems(base, names);
  let response: ResponseObject | undefined;
  let sequence = 0;
  const numbered = (bodies: readonly EventBody[]) => bodies.map((body) => ({ ...body, sequence_number: sequence++ }));

  return {
    whole(initial, content, ending) {
      for (const each of content) output.add(each);
      const status = incompleteReason(ending.finish) ? 'incomplete' : 'completed';
      output.close(status);
      return completeResponse(initial, output.items(status), ending, now());
    },
    start(initial) {
      response = initial;
      return numbered([
        { type: 'response.created', response },
        { type: 'response.in_progress', response },
      ]);
    },
    add: (content) => numbered(output.add(content)),
    complete(ending) {
      if (!response) return [];
      const status = incompleteReason(ending.finish) ? 'incomplete' : 'completed';
      const closing = output.close(status);
      response = completeResponse(response, output.items(status), ending, now());
      return numbered([...closing, { type: `response.${status}`, response }]);
    },
    fail(error) {
      if (!response) {
        const { message, param } = toOpenAiError(error, 'input').body.error;
        return numbered([{ type: 'error', code: error.code.toLowerCase(), message, param }]);
      }
      response = failResponse(response, output.items('incomplete'), error);
      return numbered([{ type: 'response.failed', response }]);
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

type Accumulators = {
  message: ReturnType<typeof createMessageItem>;
  reasoning: ReturnType<typeof createReasoningItem>;
  tool_call: ReturnType<typeof createCallItem>;
};
type EntryKind = keyof Accumulators;

interface Entry<Kind extends EntryKind = EntryKind> {
  readonly kind: Kind;
  readonly accumulator: Accumulators[Kind];
  /** `in_progress` while it is open. */
  status: ItemStatus;
}

/**
 * Groups content events into items. Text and reasoning alternate; function calls can overlap and are distinguished by
 * their index. Item ids derive from `base`, so the same completion gets the same ids.
 */
function createOutputItems(base: string, names: ToolNames): OutputItems {
  const entries: Entry[] = [];
  /** By the provider's index. An index that appears again with another id belongs to a new call. */
  const calls = new Map<number, { id: string | undefined; entry: Entry<'tool_call'> }>();
  let characters = 0;

  function countCharacters(added: number): void {
    characters += added;
    if (characters > OUTPUT_CHARACTERS_MAX)
      throw new AppError('INFERENCE_ERROR', 'The response of the model provider is too large.');
  }

  function open<Kind extends EntryKind>(kind: Kind, accumulator: Accumulators[Kind], events: ItemEvent[]): Entry<Kind> {
    countCharacters(ITEM_CHARACTERS);
    const entry: Entry<Kind> = { accumulator, kind, status: 'in_progress' };
    entries.push(entry);
    events.push(...accumulator.open());
    return entry;
  }

  function close(entry: Entry, status: ItemStatus): ItemEvent[] {
    if (entry.status !== 'in_progress') return [];
    entry.status = status;
    return entry.accumulator.close(status);
  }

  /** Closes the last message or reasoning item because an item of another kind starts. Calls stay open for later deltas. */
  function closeLast(events: ItemEvent[]): void {
    const last = entries.at(-1);
    if (last && last.kind !== 'tool_call') events.push(...close(last, 'completed'));
  }

  function messageOf(events: ItemEvent[]): Accumulators['message'] {
    const last = entries.at(-1);
    if (isOfKind(last, 'message')) return last.accumulator;
    closeLast(events);
    const index = entries.length;
    return open('message', createMessageItem(`msg_${base}_${index}`, index), events).accumulator;
  }

  function reasoningOf(events: ItemEvent[]): Accumulators['reasoning'] {
    const last = entries.at(-1);
    if (isOfKind(last, 'reasoning')) return last.accumulator;
    closeLast(events);
    const index = entries.length;
    return open('reasoning', createReasoningItem(`rs_${base}_${index}`, index), events).accumulator;
  }

  function callOf(event: Extract<ContentEvent, { type: 'tool_call' }>, events: ItemEvent[]): Accumulators['tool_call'] {
    const known = calls.get(event.index);
    const isAnother = event.id && event.name && known?.id !== event.id;
    if (known && !isAnother) return known.entry.accumulator;
    closeLast(events);
    const outputIndex = entries.length;
    const idSuffix = `${base}_${outputIndex}`;
    const tool = names.toTool(event.name ?? '');
    const item = createCallItem({ idSuffix, outputIndex, callId: event.id || `call_${idSuffix}`, tool });
    const entry = open('tool_call', item, events);
    calls.set(event.index, { id: event.id, entry });
    return entry.accumulator;
  }

  function addContent(event: ContentEvent, events: ItemEvent[]): ItemEvent[] {
    switch (event.type) {
      case 'tool_call':
        countCharacters(event.argumentsDelta.length);
        return callOf(event, events).add(event);
      case 'reasoning':
        countCharacters(event.text.length);
        return reasoningOf(events).add(event);
      case 'annotation': {
        const annotation = toAnnotation(event.annotation);
        if (!annotation) return [];
        countCharacters(ITEM_CHARACTERS);
        return messageOf(events).add({ type: 'annotation', annotation });
      }
      case 'text':
        if (event.logprobs) countCharacters(event.logprobs.length * TOKEN_CHARACTERS);
        countCharacters(event.text.length);
        return messageOf(events).add(event);
      case 'refusal':
        countCharacters(event.text.length);
        return messageOf(events).add(event);
    }
  }

  return {
    add(event) {
      const events: ItemEvent[] = [];
      const added = addContent(event, events);
      events.push(...added);
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

function isOfKind<Kind extends EntryKind>(entry: Entry | undefined, kind: Kind): entry is Entry<Kind> {
  return entry?.kind === kind;
}
