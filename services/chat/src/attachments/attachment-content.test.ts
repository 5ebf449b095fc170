import { describe, expect, it } from 'vitest';
import { createAttachmentReader } from './attachment-content.ts';
import { pngOf, setUpAttachments } from './attachments.test-support.ts';

async function setUp() {
  const { attachments, files, upload } = await setUpAttachments();
  const read = createAttachmentReader({ attachments, files });
  const partOf = async (name: string, content: string | Buffer) => {
    const { id, media_type, bytes } = (await upload(name, content)).json();
    return { type: 'attachment' as const, attachment_id: id as string, name, media_type, bytes };
  };
  return { read, partOf };
}
const options = { ownerId: 'local', isOffline: false, charactersMax: 100_000 };

describe('content of attachments for the model', () => {
  it('is the text of a file in a code block that the text cannot end', async () => {
    const { read, partOf } = await setUp();
    expect(await read([await partOf('a.md', 'Before\n```\ncode\n```\n')], options)).toEqual([
      { type: 'text', text: 'File “a.md”:\n\n````\nBefore\n```\ncode\n```\n````' },
    ]);
  });

  it('is cut to the space in the context, with a note', async () => {
    const { read, partOf } = await setUp();
    const parts = [await partOf('a.txt', 'a'.repeat(1_000)), await partOf('b.txt', 'b'.repeat(1_000))];
    const content = await read(parts, { ...options, charactersMax: 2_000 });
    const text = content.map((part) => part.text).join('');
    expect(text.length).toBeLessThanOrEqual(2_000);
    expect(text).toContain('a'.repeat(1_000));
    expect(text).toMatch(/\[Only the first \d+ of 1000 characters of this file fit\.\]/);
  });

  it('is the image as a data URL, or a note for an offline model', async () => {
    const { read, partOf } = await setUp();
    const part = await partOf('cat.png', pngOf(1, 1));
    expect(await read([part], options)).toEqual([
      { type: 'image_url', image_url: { url: `data:image/png;base64,${pngOf(1, 1).toString('base64')}` } },
    ]);
    const note = [{ type: 'text', text: '[The image “cat.png” is attached. Offline models do not see images.]' }];
    expect(await read([part], { ...options, isOffline: true })).toEqual(note);
  });

  it('is a note for a file that only the import names, and for a foreign one', async () => {
    const { read, partOf } = await setUp();
    const part = await partOf('a.txt', 'secret');
    const note = [{ type: 'text', text: '[The content of the file “a.txt” is not available.]' }];
    expect(await read([{ ...part, attachment_id: null }], options)).toEqual(note);
    expect(await read([part], { ...options, ownerId: 'bob' })).toEqual(note);
  });
});
