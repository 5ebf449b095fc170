/** Uploads files, and adds them to the draft of a conversation. */
export function uploadFiles(conversationKey: string, files: readonly File[]): void {
  if (files.length > 0)
    void import('./upload-attachments.ts').then(({ uploadAttachments }) => uploadAttachments(conversationKey, files));
}
