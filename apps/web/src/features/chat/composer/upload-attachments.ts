import { AppError } from '@prodigon/contracts';
import { ATTACHMENT_LIMITS, CONVERSATION_LIMITS } from '@prodigon/contracts/conversations';
import { conversationsApi } from '../../../api/conversations-api.ts';
import { useDrafts } from '../state/drafts.ts';
import { type Upload, useUploads } from './uploads.ts';

const controllers = new Map<number, AbortController>();
let lastKey = 0;

/** Uploads files one after another. Rejected files stay in the list with the reason, until the user removes them. */
export async function uploadAttachments(conversationKey: string, files: readonly File[]): Promise<void> {
  const attached = useDrafts.getState().drafts[conversationKey]?.attachments.length ?? 0;
  const uploads = files.map((file, index) => ({ file, upload: newUpload(file, attached + index) }));
  changeUploads(conversationKey, (before) => [...before, ...uploads.map(({ upload }) => upload)]);
  for (const { file, upload } of uploads) if (upload.failure === null) await uploadOne(conversationKey, file, upload);
}

function newUpload({ name, size }: File, position: number): Upload {
  lastKey += 1;
  const failure =
    position >= CONVERSATION_LIMITS.attachmentsMax
      ? `A question has at most ${CONVERSATION_LIMITS.attachmentsMax} attachments.`
      : size > ATTACHMENT_LIMITS.fileBytesMax
        ? `Larger than ${ATTACHMENT_LIMITS.fileBytesMax >> 20} MB.`
        : size === 0
          ? 'The file is empty.'
          : null;
  return { key: lastKey, name: name || 'pasted file', bytes: size, sentBytes: 0, failure };
}

async function uploadOne(conversationKey: string, file: File, { key, name }: Upload): Promise<void> {
  const isListed = () => useUploads.getState().uploads[conversationKey]?.some((upload) => upload.key === key);
  if (!isListed()) return;
  const controller = new AbortController();
  controllers.set(key, controller);
  try {
    const { id, kind, media_type, bytes } = await conversationsApi.attachments.create(file, name, {
      signal: controller.signal,
      onProgress: (sentBytes) => changeUpload(conversationKey, key, { sentBytes }),
    });
    if (!isListed()) return void conversationsApi.attachments.remove(id).catch(() => {});
    useDrafts.getState().setAttachments(conversationKey, (before) => [...before, { id, name, kind, media_type, bytes }]);
    removeUpload(conversationKey, key);
  } catch (thrown) {
    if (!controller.signal.aborted) changeUpload(conversationKey, key, { failure: AppError.from(thrown).message });
  } finally {
    controllers.delete(key);
  }
}

/** Cancels an upload, or removes a rejected file from the list. */
export function removeUpload(conversationKey: string, key: number): void {
  controllers.get(key)?.abort();
  changeUploads(conversationKey, (before) => before.filter((upload) => upload.key !== key));
}

function changeUpload(conversationKey: string, key: number, changes: Partial<Upload>): void {
  changeUploads(conversationKey, (before) => before.map((upload) => (upload.key === key ? { ...upload, ...changes } : upload)));
}

function changeUploads(conversationKey: string, change: (before: readonly Upload[]) => readonly Upload[]): void {
  const { [conversationKey]: before = [], ...others } = useUploads.getState().uploads;
  const uploads = change(before);
  useUploads.setState({ uploads: uploads.length === 0 ? others : { ...others, [conversationKey]: uploads } });
}
