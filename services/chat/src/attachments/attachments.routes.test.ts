import { gzipSync } from 'node:zlib';
import { ATTACHMENT_LIMITS, attachmentSchema } from '@prodigon/contracts/conversations';
import { describe, expect, it } from 'vitest';
import { jpegOf, pngOf, setUpAttachments } from './attachments.test-support.ts';

const URL = '/api/v1/chat/attachments';
const errorOf = (response: { statusCode: number; json: () => { error: { code: string; message: string } } }) => ({
  status: response.statusCode,
  code: response.json().error.code,
});

describe('attachments', () => {
  it('stores UTF-8 text under any name and of any media type', async () => {
    const { app, upload } = await setUpAttachments();
    const content = '\ufeff# Größe\r\n<script>alert(1)</script>';
    for (const [name, type] of [
      ['notes.md', 'text/markdown'],
      ['page.html', 'text/html'],
      ['noname', 'application/json'],
    ] as const) {
      const response = await upload(name, content, { 'content-type': type });
      expect(response.statusCode).toBe(201);
      const attachment = attachmentSchema.parse(response.json());
      expect(attachment).toMatchObject({
        name,
        kind: 'text',
        media_type: 'text/plain',
        bytes: Buffer.byteLength(content),
        characters: content.length - 1,
      });
      expect(response.headers.location).toBe(`${URL}/${attachment.id}`);
      expect((await app.inject(`${URL}/${attachment.id}`)).json()).toEqual(attachment);
    }
  });

  it('serves a file only as a download that runs nothing', async () => {
    const { app, upload } = await setUpAttachments();
    const { id } = (await upload('Größe "1".html', '<script>alert(1)</script>')).json();
    const { headers, body } = await app.inject(`${URL}/${id}/content`);
    expect(headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': `attachment; filename="Gr??e \\"1\\".html"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%221%22.html`,
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-store',
    });
    expect(body).toBe('<script>alert(1)</script>');
  });

  it('stores an image without its metadata, whatever it is called', async () => {
    const { app, upload, files } = await setUpAttachments();
    const response = await upload('holiday.txt', jpegOf(40, 30, 'secret place'), { 'content-type': 'text/plain' });
    expect(response.json()).toMatchObject({ kind: 'image', media_type: 'image/jpeg', width: 40, height: 30, characters: null });
    const content = await app.inject(`${URL}/${response.json().id}/content`);
    expect(content.headers['content-type']).toBe('image/jpeg');
    expect(content.rawPayload.includes('secret')).toBe(false);
    expect([...files.stored.values()].some((bytes) => Buffer.from(bytes).includes('secret'))).toBe(false);
  });

  it('stores the text of a PDF beside the file', async () => {
    const { attachments, upload } = await setUpAttachments();
    const { id } = (await upload('paper.pdf', '%PDF-1.7\n')).json();
    expect(await attachments.get('local', id)).toMatchObject({
      media_type: 'application/pdf',
      kind: 'text',
      text: 'Text of a PDF',
      bytes: 9,
    });
  });

  it('cuts the text that a model receives, not the file', async () => {
    const { app, upload } = await setUpAttachments();
    const content = 'x'.repeat(ATTACHMENT_LIMITS.textCharactersMax + 5);
    const attachment = (await upload('long.txt', content)).json();
    expect(attachment).toMatchObject({ bytes: content.length, characters: ATTACHMENT_LIMITS.textCharactersMax });
    expect((await app.inject(`${URL}/${attachment.id}/content`)).rawPayload.length).toBe(content.length);
  });

  it('accepts a compressed body', async () => {
    const { upload } = await setUpAttachments();
    expect((await upload('a.txt', gzipSync('text'), { 'content-encoding': 'gzip' })).json()).toMatchObject({ bytes: 4 });
  });

  it.each([
    ['an archive', Buffer.from('PK\x03\x04\x14\0\0\0', 'latin1'), 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['text in another encoding', Buffer.from('Größe', 'latin1'), 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['text with U+0000', Buffer.from('a\0b'), 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['an empty file', Buffer.alloc(0), 422, 'VALIDATION_ERROR'],
    ['a broken image', pngOf(1, 1).subarray(0, 40), 422, 'VALIDATION_ERROR'],
    ['an image with too many pixels', pngOf(16_000, 16_000), 413, 'PAYLOAD_TOO_LARGE'],
    ['a file that is too large', Buffer.alloc(ATTACHMENT_LIMITS.fileBytesMax + 1, 'x'), 413, 'PAYLOAD_TOO_LARGE'],
  ])('rejects %s', async (_name, payload, status, code) => {
    const { upload, files } = await setUpAttachments();
    expect(errorOf(await upload('file', payload))).toEqual({ status, code });
    expect(files.stored.size).toBe(0);
  });

  it('rejects a compressed body that is too large when it is unpacked', async () => {
    const { upload } = await setUpAttachments();
    const bomb = gzipSync(Buffer.alloc(ATTACHMENT_LIMITS.fileBytesMax + 1, 'x'));
    expect(errorOf(await upload('bomb.txt', bomb, { 'content-encoding': 'gzip' }))).toEqual({
      status: 413,
      code: 'PAYLOAD_TOO_LARGE',
    });
  });

  it('rejects a missing name and one that cannot be stored', async () => {
    const { app, upload } = await setUpAttachments();
    expect(errorOf(await app.inject({ method: 'POST', url: URL, payload: 'text' }))).toEqual({
      status: 422,
      code: 'VALIDATION_ERROR',
    });
    expect(errorOf(await upload('a\0b', 'text'))).toEqual({ status: 422, code: 'VALIDATION_ERROR' });
  });

  it('keeps no row for a file that could not be written', async () => {
    const { attachments, files, upload } = await setUpAttachments();
    files.write = async () => {
      throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
    };
    expect(errorOf(await upload('a.txt', 'text'))).toEqual({ status: 507, code: 'INSUFFICIENT_STORAGE' });
    expect(attachments.deleted).toHaveLength(1);
  });

  it('deletes an attachment, unless a message uses it', async () => {
    const { app, attachments, upload } = await setUpAttachments();
    const { id } = (await upload('a.txt', 'text')).json();
    attachments.used.add(id);
    expect(errorOf(await app.inject({ method: 'DELETE', url: `${URL}/${id}` }))).toEqual({ status: 409, code: 'CONFLICT' });
    attachments.used.clear();
    expect((await app.inject({ method: 'DELETE', url: `${URL}/${id}` })).statusCode).toBe(204);
    for (const url of [`${URL}/${id}`, `${URL}/${id}/content`, `${URL}/unknown`])
      expect(errorOf(await app.inject(url))).toEqual({ status: 404, code: 'NOT_FOUND' });
  });
});
