import type { ByteShare } from '@prodigon/platform';

export interface FrameRecorder {
  /** Copies the bytes, because small buffers are parts of larger ones. */
  add(bytes: Uint8Array): void;
  /** Returns what was added; null if it exceeds the limit. */
  bytes(): Buffer | null;
  close(): void;
}

const BYTES_MIN = 4_096;

/** Records up to `bytesMax` bytes of a stream. `share` counts the memory of all recorders. */
export function createFrameRecorder(bytesMax: number, share: ByteShare): FrameRecorder {
  let buffer: Buffer | null = Buffer.alloc(0);
  let length = 0;

  function close(): void {
    buffer = null;
    share.close();
  }

  /** Returns whether the buffer has room for `needed` bytes. */
  function reserve(current: Buffer, needed: number): boolean {
    if (needed <= current.length) return true;
    const capacity = Math.min(bytesMax, Math.max(needed, current.length * 2, BYTES_MIN));
    if (needed > bytesMax || share.add(capacity - current.length) !== undefined) return false;
    buffer = Buffer.allocUnsafeSlow(capacity);
    current.copy(buffer, 0, 0, length);
    return true;
  }

  return {
    add(bytes) {
      if (buffer === null) return;
      if (!reserve(buffer, length + bytes.length)) return close();
      buffer.set(bytes, length);
      length += bytes.length;
    },
    bytes: () => buffer?.subarray(0, length) ?? null,
    close,
  };
}
