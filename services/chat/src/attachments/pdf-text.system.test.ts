import { readdir, readFile } from 'node:fs/promises';
import { AppError } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { createPdfTextReader, type PdfTextOptions } from './pdf-text.ts';

/** Returns a PDF with one page for each content stream. */
function pdfOf(contents: readonly string[], trailer = ''): Buffer {
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Count ${contents.length} /Kids [${contents.map((_, index) => `${4 + 2 * index} 0 R`).join(' ')}] >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    ...contents.flatMap((content, index) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + 2 * index} 0 R >>`,
      `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    ]),
  ];
  let text = '%PDF-1.7\n';
  const offsets = objects.map((object, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const end = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${trailer}>>\nstartxref\n${text.length}\n%%EOF\n`;
  return Buffer.from(`${text}xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}${end}`, 'latin1');
}

const textPage = (text: string) => `BT /F1 12 Tf 72 720 Td (${text}) Tj ET`;
const ENCRYPTION = `/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <${'61'.repeat(32)}> /U <${'62'.repeat(32)}> >> /ID [<${'63'.repeat(16)}> <${'63'.repeat(16)}>] `;
const never = () => new AbortController().signal;
const read = (pdf: Buffer, options?: PdfTextOptions) => createPdfTextReader(options)(pdf, never());

/** Returns the ids of the processes that read PDFs. */
async function readerProcesses(): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  return ids.filter((_, index) => commands[index]?.includes('pdf-text-process') && commands[index]?.includes(process.execPath));
}

describe('text of a PDF', () => {
  it('has the text of all pages', async () => {
    expect(await read(pdfOf([textPage('First page'), textPage('Second page')]))).toBe('First page\n\nSecond page');
  });

  it.each([
    [
      'without text',
      pdfOf(['0 0 m 100 100 l S']),
      'The PDF contains no text. It probably consists of scanned pages. Attach them as images instead.',
    ],
    [
      'with a password',
      pdfOf([textPage('Secret')], ENCRYPTION),
      'The PDF is protected by a password. Remove the password and attach it again.',
    ],
    ['that is damaged', Buffer.from('%PDF-1.7\nnothing'), 'The PDF is damaged and cannot be read.'],
  ])('rejects a PDF %s', async (_name, pdf, message) => {
    await expect(read(pdf)).rejects.toEqual(expect.objectContaining({ code: 'VALIDATION_ERROR', message }));
  });

  it.each([
    ['time', { timeoutMs: 1 }],
    ['memory', { memoryBytesMax: 1 << 20 }],
  ])('kills the process at its limit of %s', async (_name, options) => {
    const message = 'Reading the PDF takes too much time or memory. Attach a part of it, or its text.';
    const pdf = pdfOf(Array.from({ length: 500 }, () => textPage('word '.repeat(1_000))));
    await expect(read(pdf, options)).rejects.toEqual(expect.objectContaining({ code: 'VALIDATION_ERROR', message }));
  });

  it('kills the process of a client that disconnects', async () => {
    const controller = new AbortController();
    const reading = createPdfTextReader()(pdfOf([textPage('Text')]), controller.signal);
    controller.abort(new AppError('CANCELLED'));
    await expect(reading).rejects.toEqual(expect.objectContaining({ code: 'CANCELLED' }));
  });

  it('reads a few files concurrently and lets the others wait', async () => {
    const reader = createPdfTextReader({ concurrentMax: 1 });
    const texts = await Promise.all(['One', 'Two', 'Three'].map((text) => reader(pdfOf([textPage(text)]), never())));
    expect(texts).toEqual(['One', 'Two', 'Three']);
    const excess = await Promise.allSettled(Array.from({ length: 22 }, () => reader(Buffer.from('%PDF'), AbortSignal.abort())));
    expect(excess.map(({ status }) => status)).not.toContain('fulfilled');
  });

  it.skipIf(process.platform !== 'linux')('leaves no process behind', async () => {
    await read(pdfOf([textPage('Text')]));
    await read(pdfOf([textPage('Text')]), { timeoutMs: 1 }).catch(() => {});
    await expect.poll(readerProcesses).toEqual([]);
  });
});
