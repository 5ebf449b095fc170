import { isRecord } from '@prodigon/contracts';
import { z } from 'zod';
import { parseField, unsupportedFieldError } from './responses-request.ts';

/** A part of a user message in a chat completion. */
export type ChatPart =
  | { type: 'text'; text: string }
  | { type: 'image_url'; image_url: { url: string; detail?: string } }
  | { type: 'file'; file: { file_data?: string; file_id?: string; filename?: string } }
  | { type: 'input_audio'; input_audio: { data: string; format: string } };

/** A schema reports each wrong item of a list without a maximum, which would take a second for the largest body. */
export const PARTS_MAX = 2_048;

export const contentSchema = z.union([z.string(), z.array(z.looseObject({ type: z.string() })).max(PARTS_MAX)]);
export type Content = z.infer<typeof contentSchema>;

/** Returns whether `contentSchema` accepts a value. */
export function isContent(value: unknown): value is Content {
  if (typeof value === 'string') return true;
  const isPart = (part: unknown) => isRecord(part) && typeof part.type === 'string';
  return Array.isArray(value) && value.length <= PARTS_MAX && value.every(isPart);
}

const textSchema = z.object({ text: z.string() });
const refusalSchema = z.object({ refusal: z.string() });
const imageSchema = z.object({
  image_url: z.string({ error: 'Send the image as an https: or data: URL' }).min(1),
  detail: z.enum(['auto', 'low', 'high', 'original']).nullish(),
});
const fileSchema = z.object({
  file_data: z.string().min(1).nullish(),
  file_id: z.string().min(1).nullish(),
  file_url: z.string().nullish(),
  filename: z.string().nullish(),
});
const audioSchema = z.object({ input_audio: z.object({ data: z.string().min(1), format: z.string().min(1) }) });

/** Returns the parts of a user message or of a tool output. */
export function toChatParts(content: Content, at: string): ChatPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return content.map((part, index) => toChatPart(part, `${at}[${index}]`));
}

function toChatPart(part: Exclude<Content, string>[number], at: string): ChatPart {
  switch (part.type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return { type: 'text', text: parseField(textSchema, part, at, ({ text }) => typeof text === 'string').text };
    case 'refusal':
      return { type: 'text', text: parseField(refusalSchema, part, at).refusal };
    case 'input_image': {
      const { image_url: url, detail } = parseField(imageSchema, part, at);
      return { type: 'image_url', image_url: { url, ...(detail && { detail: detail === 'original' ? 'high' : detail }) } };
    }
    case 'input_file':
      return toFilePart(parseField(fileSchema, part, at), at);
    case 'input_audio': {
      const { data, format } = parseField(audioSchema, part, at).input_audio;
      return { type: 'input_audio', input_audio: { data, format } };
    }
    default:
      throw unsupportedFieldError(`${at}.type`, `Content of the type ${JSON.stringify(part.type)} is not supported.`);
  }
}

function toFilePart({ file_data, file_id, file_url, filename }: z.infer<typeof fileSchema>, at: string): ChatPart {
  // Chat completions have no field for the URL of a file, and Prodigon fetches nothing for a client.
  if (file_url) throw unsupportedFieldError(`${at}.file_url`, 'Files by URL are not supported. Send the content as file_data.');
  if (!file_data && !file_id) throw unsupportedFieldError(`${at}.file_data`, 'Send the content of the file as file_data.');
  return {
    type: 'file',
    file: { ...(file_data && { file_data }), ...(file_id && { file_id }), ...(filename && { filename }) },
  };
}

/** Joins the parts into one text, because not every provider accepts parts in messages other than user messages. */
export function textOf(parts: readonly ChatPart[], at: string): string {
  return parts.map((part, index) => textOfPart(part, `${at}[${index}]`)).join('\n');
}

function textOfPart(part: ChatPart, at: string): string {
  if (part.type === 'text') return part.text;
  throw unsupportedFieldError(`${at}.type`, 'Images, files and audio are supported in user messages only.');
}

/** Returns the text and the refusal of an earlier assistant message; each is null if missing. */
export function toAssistantText(content: Content, at: string): { text: string | null; refusal: string | null } {
  const parts = typeof content === 'string' ? [{ type: 'output_text', text: content }] : content;
  const texts: string[] = [];
  const refusals: string[] = [];
  for (const [index, part] of parts.entries()) {
    const text = textOfPart(toChatPart(part, `${at}[${index}]`), `${at}[${index}]`);
    (part.type === 'refusal' ? refusals : texts).push(text);
  }
  return {
    text: texts.length === 0 ? null : texts.join('\n'),
    refusal: refusals.length === 0 ? null : refusals.join('\n'),
  };
}
