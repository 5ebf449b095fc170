import type { ContentEvent } from '@prodigon/ports';
import { type ClientToolKind, clientTool, isClientTool, readArguments } from './client-tools.ts';
import { createInputDecoder } from './custom-tool-input.ts';
import type { CallItem, ItemAccumulator, ItemStatus } from './item-events.ts';
import type { ToolIdentity } from './tool-names.ts';

type CallAccumulator = ItemAccumulator<Extract<ContentEvent, { type: 'tool_call' }>>;

export interface CallItemOptions {
  /** The end of the item's id, without its prefix. */
  readonly idSuffix: string;
  readonly outputIndex: number;
  readonly callId: string;
  readonly tool: ToolIdentity;
}

export function createCallItem(options: CallItemOptions): CallAccumulator {
  const { kind } = options.tool;
  if (kind === 'custom') return createCustomCallItem(options);
  return isClientTool(kind) ? createClientCallItem(kind, options) : createFunctionCallItem(options);
}

function createFunctionCallItem({ idSuffix, outputIndex, callId, tool: { name, namespace } }: CallItemOptions): CallAccumulator {
  let callArguments = '';
  const at = { item_id: `fc_${idSuffix}`, output_index: outputIndex };
  const item = (status: ItemStatus): CallItem => ({
    id: at.item_id,
    type: 'function_call',
    call_id: callId,
    name,
    ...(namespace !== undefined && { namespace }),
    arguments: callArguments,
    status,
  });
  return {
    item,
    open: () => [{ type: 'response.output_item.added', output_index: outputIndex, item: item('in_progress') }],
    add({ argumentsDelta: delta }) {
      callArguments += delta;
      return delta === '' ? [] : [{ type: 'response.function_call_arguments.delta', ...at, delta }];
    },
    close: (status) => [
      { type: 'response.function_call_arguments.done', ...at, name, arguments: callArguments },
      { type: 'response.output_item.done', output_index: outputIndex, item: item(status) },
    ],
  };
}

function createCustomCallItem({ idSuffix, outputIndex, callId, tool: { name, namespace } }: CallItemOptions): CallAccumulator {
  const decoder = createInputDecoder();
  let input = '';
  const at = { item_id: `ctc_${idSuffix}`, output_index: outputIndex };
  const item = (status: ItemStatus): CallItem => ({
    id: at.item_id,
    type: 'custom_tool_call',
    call_id: callId,
    name,
    ...(namespace !== undefined && { namespace }),
    input,
    status,
  });

  function deltaEvents(delta: string) {
    input += delta;
    return delta === '' ? [] : [{ type: 'response.custom_tool_call_input.delta' as const, ...at, delta }];
  }

  return {
    item,
    open: () => [{ type: 'response.output_item.added', output_index: outputIndex, item: item('in_progress') }],
    add: ({ argumentsDelta }) => deltaEvents(decoder.append(argumentsDelta)),
    close: (status) => [
      ...deltaEvents(decoder.end()),
      { type: 'response.custom_tool_call_input.done', ...at, input },
      { type: 'response.output_item.done', output_index: outputIndex, item: item(status) },
    ],
  };
}

function createClientCallItem(kind: ClientToolKind, { idSuffix, outputIndex, callId }: CallItemOptions): CallAccumulator {
  const { idPrefix, toCallFields } = clientTool(kind);
  let callArguments = '';
  function item(status: ItemStatus): CallItem {
    const ids = { id: `${idPrefix}_${idSuffix}`, call_id: callId };
    const fields = toCallFields(readArguments(callArguments));
    if (fields.type !== 'apply_patch_call') return { ...ids, status, ...fields };
    return { ...ids, status: status === 'incomplete' ? 'in_progress' : status, ...fields };
  }
  return {
    item,
    open: () => [{ type: 'response.output_item.added', output_index: outputIndex, item: item('in_progress') }],
    add({ argumentsDelta }) {
      callArguments += argumentsDelta;
      return [];
    },
    close: (status) => [{ type: 'response.output_item.done', output_index: outputIndex, item: item(status) }],
  };
}
