import { create } from 'zustand';

/** A file that is being uploaded, or that was rejected. */
export interface Upload {
  readonly key: number;
  readonly name: string;
  readonly bytes: number;
  readonly sentBytes: number;
  /** Why the file was rejected; null while it is uploaded. */
  readonly failure: string | null;
}

interface UploadState {
  /** By conversation. Absent without uploads. */
  readonly uploads: Readonly<Record<string, readonly Upload[]>>;
}

export const useUploads = create<UploadState>()(() => ({ uploads: {} }));

export function isUploadingIn(uploads: readonly Upload[] | undefined): boolean {
  return uploads?.some(({ failure }) => failure === null) ?? false;
}
