import { z } from 'zod';

type PatchOperation = { type: 'create_file' | 'update_file'; path: string; diff: string } | { type: 'delete_file'; path: string };

/** The fields of a call item, besides its id, call id and status. */
export type ClientCallFields =
  | {
      type: 'local_shell_call';
      action: {
        type: 'exec';
        command: string[];
        env: Record<string, string>;
        timeout_ms: number | null;
        user: string | null;
        working_directory: string | null;
      };
    }
  | {
      type: 'shell_call';
      action: { commands: string[]; max_output_length: number | null; timeout_ms: number | null };
      environment: { type: 'local' };
    }
  | { type: 'apply_patch_call'; operation: PatchOperation };

/** A tool with a fixed definition at OpenAI that the client runs. The model gets it as a function. */
interface ClientTool {
  readonly description: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The prefix of the ids of its call items. */
  readonly idPrefix: string;
  /** Returns the fields of the call item for the arguments that the model wrote. */
  toCallFields(args: Readonly<Record<string, unknown>>): ClientCallFields;
  /** The fields of a call item that contain the arguments. */
  readonly callSchema: z.ZodType<Readonly<Record<string, unknown>>>;
}

const jsonObject = z.record(z.string(), z.unknown());
const texts = { type: 'array', items: { type: 'string' } };
const text = { type: 'string' };
const milliseconds = { type: 'integer', description: 'In milliseconds' };

const stringOf = (value: unknown) => (typeof value === 'string' ? value : null);
const numberOf = (value: unknown) => (typeof value === 'number' ? value : null);
const stringsOf = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);

function environmentOf(value: unknown): Record<string, string> {
  const entries = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  return Object.fromEntries(entries.map(([name, each]) => [name, String(each)]));
}

const CLIENT_TOOLS = {
  local_shell: {
    idPrefix: 'lsh',
    description: "Runs a command on the user's machine and returns its output.",
    parameters: {
      type: 'object',
      properties: {
        command: { ...texts, description: 'The program and its arguments' },
        working_directory: text,
        timeout_ms: milliseconds,
        env: { type: 'object', additionalProperties: text },
        user: text,
      },
      required: ['command'],
    },
    toCallFields: ({ command, env, timeout_ms, user, working_directory }) => ({
      type: 'local_shell_call',
      action: {
        type: 'exec',
        // Some models write the command as one text.
        command: typeof command === 'string' ? ['sh', '-c', command] : stringsOf(command),
        env: environmentOf(env),
        timeout_ms: numberOf(timeout_ms),
        user: stringOf(user),
        working_directory: stringOf(working_directory),
      },
    }),
    callSchema: z.object({ action: jsonObject }).transform(({ action: { type: _, ...action } }) => action),
  },
  shell: {
    idPrefix: 'sh',
    description: "Runs shell commands on the user's machine and returns their output.",
    parameters: {
      type: 'object',
      properties: { commands: texts, timeout_ms: milliseconds, max_output_length: { type: 'integer' } },
      required: ['commands'],
    },
    toCallFields: ({ commands, timeout_ms, max_output_length }) => ({
      type: 'shell_call',
      action: {
        commands: typeof commands === 'string' ? [commands] : stringsOf(commands),
        max_output_length: numberOf(max_output_length),
        timeout_ms: numberOf(timeout_ms),
      },
      environment: { type: 'local' },
    }),
    callSchema: z.object({ action: jsonObject }).transform(({ action }) => action),
  },
  apply_patch: {
    idPrefix: 'apc',
    description: 'Creates, updates or deletes a file. The diff is in the V4A format.',
    parameters: {
      type: 'object',
      properties: {
        type: { enum: ['create_file', 'update_file', 'delete_file'] },
        path: text,
        diff: { ...text, description: 'Required unless the file is deleted' },
      },
      required: ['type', 'path'],
    },
    toCallFields: ({ type, path, diff }) => ({ type: 'apply_patch_call', operation: toPatchOperation(type, path, diff) }),
    callSchema: z.object({ operation: jsonObject }).transform(({ operation }) => operation),
  },
} satisfies Record<string, ClientTool>;

function toPatchOperation(type: unknown, path: unknown, diff: unknown): PatchOperation {
  const file = { path: stringOf(path) ?? '' };
  if (type === 'delete_file') return { type, ...file };
  return { type: type === 'create_file' ? type : 'update_file', ...file, diff: stringOf(diff) ?? '' };
}

export type ClientToolKind = keyof typeof CLIENT_TOOLS;

export function isClientTool(kind: string): kind is ClientToolKind {
  return Object.hasOwn(CLIENT_TOOLS, kind);
}

export function clientTool(kind: ClientToolKind): ClientTool {
  return CLIENT_TOOLS[kind];
}

/** Returns the object in the arguments that a model wrote; empty when they are not a JSON object. */
export function readArguments(json: string): Record<string, unknown> {
  try {
    return jsonObject.catch({}).parse(JSON.parse(json));
  } catch {
    return {};
  }
}
