/** Called with the number of bytes that have been sent. */
export type UploadProgress = (sentBytes: number) => void;

/**
 * Returns a `fetch` that reports how much of a `Blob` has been sent. Browsers report it only for an `XMLHttpRequest`;
 * elsewhere the body is streamed and counted.
 */
export function createUploadFetch(onProgress: UploadProgress): typeof fetch {
  return typeof XMLHttpRequest === 'undefined'
    ? (input, init) => fetch(input, { ...init, ...countedBody(init?.body as Blob, onProgress) })
    : (input, init) => sendRequest(String(input), init ?? {}, onProgress);
}

function countedBody(blob: Blob, onProgress: UploadProgress): RequestInit & { duplex: 'half' } {
  let sentBytes = 0;
  const count = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      controller.enqueue(chunk);
      sentBytes += chunk.byteLength;
      onProgress(sentBytes);
    },
  });
  return { body: blob.stream().pipeThrough(count), duplex: 'half' };
}

function sendRequest(url: string, init: RequestInit, onProgress: UploadProgress): Promise<Response> {
  const { signal } = init;
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(init.method ?? 'GET', url);
    request.responseType = 'blob';
    for (const [name, value] of new Headers(init.headers)) request.setRequestHeader(name, value);
    const abort = () => request.abort();
    request.upload.onprogress = ({ loaded }) => onProgress(loaded);
    request.onload = () => resolve(toResponse(request));
    request.onerror = () => reject(new TypeError('The request failed.'));
    request.onabort = () => reject(signal?.reason ?? new TypeError('The request was aborted.'));
    request.onloadend = () => signal?.removeEventListener('abort', abort);
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) reject(signal.reason);
    else request.send(init.body as Blob);
  });
}

function toResponse(request: XMLHttpRequest): Response {
  const lines = request
    .getAllResponseHeaders()
    .trim()
    .split(/[\r\n]+/);
  const headers = lines.flatMap((line): [string, string][] => {
    const colon = line.indexOf(':');
    return colon < 1 ? [] : [[line.slice(0, colon), line.slice(colon + 1).trim()]];
  });
  const { status } = request;
  return new Response([204, 205, 304].includes(status) ? null : (request.response as Blob), { status, headers });
}
