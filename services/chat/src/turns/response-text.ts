import { storableText } from '@prodigon/contracts';
import type { MessagePart, TurnEventData } from '@prodigon/contracts/conversations';
import { sseFrame } from '@prodigon/platform';
import type { ContentEvent } from '@prodigon/ports';

interface ToolCall {
  readonly index: number;
  readonly id: string;
  readonly name: string;
}

/** A piece of the response. Neighbors may have the same kind. */
interface Run {
  readonly kind: 'text' | 'reasoning' | 'tool_call';
  /** Set for tool calls. */
  readonly call: ToolCall | undefined;
  /** Position of the first code unit. */
  readonly position: number;
  readonly text: string;
}

/** A reader's place in the response: the next run, and the code units of it that were read. */
export interface TextCursor {
  readonly run: number;
  readonly offset: number;
}

/** Code units of one event. A reader that catches up gets several events. */
const EVENT_CODE_UNITS_MAX = 32_768;

/**
 * The response of a model, by position. Text that has arrived becomes visible with `commit`, so that all text of one turn
 * of the event loop is one event. Every reader has a cursor, and continues at its own pace.
 */
export interface ResponseText {
  /** Position of the end of the visible text. */
  readonly length: number;
  /** Adds text that `commit` makes visible. */
  append(event: ContentEvent): void;
  /** Adds stored parts as `append` adds events. */
  appendParts(parts: readonly MessagePart[]): void;
  /** Makes the text that has arrived visible. Returns whether there was any. */
  commit(options?: { readonly isEnd: boolean }): boolean;
  /** Returns the parts from a position on. */
  partsFrom(position: number): MessagePart[];
  /** Returns the cursor of a reader that has received everything before the position. */
  cursorAt(position: number): TextCursor;
  /** Returns the next event of a reader; undefined at the end of the visible text. Readers at the same place share it. */
  frameAt(cursor: TextCursor): { readonly frame: string; readonly next: TextCursor } | undefined;
}

/** Creates the text of a response that has ended. */
export function createStoredText(generationId: string, parts: readonly MessagePart[]): ResponseText {
  const text = createResponseText(generationId);
  text.appendParts(parts);
  text.commit({ isEnd: true });
  return text;
}

export function createResponseText(generationId: string): ResponseText {
  const runs: Run[] = [];
  const calls = new Map<number, ToolCall>();
  let arrived: { kind: Run['kind']; call: ToolCall | undefined; text: string }[] = [];
  let length = 0;
  let callCount = 0;
  let latest: { run: number; offset: number; frame: string; next: TextCursor } | undefined;

  function add(kind: Run['kind'], call: ToolCall | undefined, text: string): void {
    const last = arrived.at(-1);
    if (last && last.kind === kind && last.call === call) last.text += text;
    else if (text !== '' || call) arrived.push({ kind, call, text });
  }

  function callOf({ index, id, name }: Extract<ContentEvent, { type: 'tool_call' }>): ToolCall {
    const known = calls.get(index);
    if (known && (id === undefined || id === known.id)) return known;
    const number = callCount++;
    const call = { index: number, id: storableText(id ?? `call_${number}`), name: storableText(name ?? '') };
    calls.set(index, call);
    return call;
  }

  /** Joins the text of one kind from a cursor on. */
  function merge({ run: first, offset }: TextCursor, codeUnitsMax: number) {
    const start = runs[first];
    if (!start) return undefined;
    const { kind, call } = start;
    let text = offset === 0 ? start.text : start.text.slice(offset);
    let run = first + 1;
    for (; text.length < codeUnitsMax; run += 1) {
      const following = runs[run];
      if (!following || following.kind !== kind || following.call?.id !== call?.id) break;
      text += following.text;
    }
    const end = start.position + offset + text.length;
    if (text.length <= codeUnitsMax) return { kind, call, text, end, next: { run, offset: 0 } };
    const cut = isHighSurrogate(text.charCodeAt(codeUnitsMax - 1)) ? codeUnitsMax - 1 : codeUnitsMax;
    const last = runs[run - 1] as Run;
    const position = end - (text.length - cut);
    return { kind, call, text: text.slice(0, cut), end: position, next: { run: run - 1, offset: position - last.position } };
  }

  function cursorAt(position: number): TextCursor {
    let low = 0;
    let high = runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const run = runs[middle] as Run;
      // The beginning of a tool call may be empty, so a reader at its position gets it again.
      if (run.position >= position || run.position + run.text.length > position) high = middle;
      else low = middle + 1;
    }
    const run = runs[low];
    return { run: low, offset: run ? Math.max(0, position - run.position) : 0 };
  }

  return {
    get length() {
      return length;
    },
    append(event) {
      if (event.type === 'text' || event.type === 'refusal') add('text', undefined, event.text);
      else if (event.type === 'reasoning') add('reasoning', undefined, event.text);
      else if (event.type === 'tool_call') add('tool_call', callOf(event), event.argumentsDelta);
    },
    appendParts(parts) {
      const ids: string[] = [];
      for (const part of parts) {
        if (part.type === 'text' || part.type === 'reasoning') add(part.type, undefined, part.text);
        if (part.type !== 'tool_call') continue;
        if (!ids.includes(part.id)) ids.push(part.id);
        add('tool_call', { index: ids.indexOf(part.id), id: part.id, name: part.name }, part.arguments);
      }
    },
    commit({ isEnd } = { isEnd: false }) {
      const committed = arrived;
      const last = committed.at(-1);
      if (!last) return false;
      arrived = [];
      // The second half of a character may arrive later.
      if (!isEnd && isHighSurrogate(last.text.charCodeAt(last.text.length - 1))) {
        arrived.push({ ...last, text: last.text.slice(-1) });
        last.text = last.text.slice(0, -1);
        if (last.text === '') committed.pop();
      }
      for (const { kind, call, text } of committed) {
        runs.push({ kind, call, position: length, text: storableText(text) });
        length += text.length;
      }
      return committed.length > 0;
    },
    partsFrom(position) {
      const parts: MessagePart[] = [];
      let cursor = cursorAt(position);
      for (;;) {
        const merged = merge(cursor, Number.POSITIVE_INFINITY);
        if (!merged) return parts;
        const { kind, call, text } = merged;
        if (call) parts.push({ type: 'tool_call', id: call.id, name: call.name, arguments: text });
        else if (kind !== 'tool_call') parts.push({ type: kind, text });
        cursor = merged.next;
      }
    },
    cursorAt,
    frameAt({ run, offset }) {
      if (latest?.run === run && latest.offset === offset) return latest;
      const merged = merge({ run, offset }, EVENT_CODE_UNITS_MAX);
      if (!merged) return undefined;
      const { kind, call, text, next, end } = merged;
      const data: TurnEventData<'token' | 'tool_call'> = call ? { ...call, arguments_delta: text } : text;
      const frame = sseFrame(kind === 'text' ? 'token' : kind, data, `${generationId}:${end}`);
      const result = { run, offset, frame, next };
      // Text that follows would extend the event of an earlier place.
      if (next.run === runs.length) latest = result;
      return result;
    },
  };
}

function isHighSurrogate(codeUnit: number): boolean {
  return codeUnit >= 0xd800 && codeUnit <= 0xdbff;
}
