// What a user of the package writes, checked with `tsc --strict`; never run.
import {
  createUploader,
  Interrupted,
  Upload,
  Uploader,
  UploadError,
  type ErrorCode,
  type Progress,
  type UploaderOptions,
  type UploadResult,
  type UploadState,
} from "../../js/index.js";

const everything: UploaderOptions = {
  endpoint: "/uploads",
  headers: async () => ({ authorization: "Bearer token" }),
  credentials: "include",
  metadata: { album: "7" },
  chunkSize: 8 << 20,
  parallelChunks: "auto",
  parallelFiles: 3,
  memoryBudget: 96 << 20,
  autoStart: false,
  retry: { maxAttempts: Infinity, maxElapsed: 3_600_000, baseDelay: 500, maxDelay: 60_000 },
  stallTimeout: 30_000,
  verify: "sample",
  persist: true,
  namespace: "user-7",
  ttl: 86_400_000,
  restrictions: { maxSize: 1e9, minSize: 1, accept: ".mp4, image/*", maxFiles: 20 },
  guardUnload: true,
  wakeLock: true,
  createWorker: () => new Worker("worker.js", { type: "module" }),
};

export async function use(file: File, blob: Blob, handle: FileSystemFileHandle, drop: DragEvent): Promise<UploadResult> {
  const uploader: Uploader = await createUploader(everything);
  const upload: Upload = uploader.add(file);
  uploader.add(blob, { name: "clip.webm", metadata: { take: "2" }, headers: { "x-take": "2" } });

  const opened: Upload = await uploader.add(handle, { metadata: { take: "3" } });
  const dropped: Upload[] = await uploader.addDropped(drop.dataTransfer!);
  opened.pause();
  dropped[0]?.pause();

  const off: () => void = upload.on("progress", (progress: Progress) => {
    const share: number = progress.confirmed / progress.total;
    const speed: number | null = progress.speed;
    return [share, speed, progress.inFlight, progress.eta];
  });
  off();
  upload.on("state", ({ state, reason }) => {
    const words: Partial<Record<UploadState, string>> = { waiting: reason ?? "" };
    return words[state];
  });
  upload.on("chunk", ({ start, end }) => end - start);
  upload.on("retry", ({ attempt, delay, error }) => [attempt.toFixed(), delay.toFixed(), error.code]);
  upload.on("restarted", () => undefined);
  uploader.on("complete", (result) => [result.upload.id, result.digest?.length, result.contentUrl]);
  uploader.on("error", ({ upload, error }) => [upload.name, error.message, error.status]);
  uploader.on("added", (event) => event.upload === upload);
  uploader.on("rejected", ({ file, error }) => [file.size, error.code satisfies ErrorCode]);
  uploader.on("idle", () => uploader.free());

  upload.pause();
  upload.resume();
  upload.retry();
  upload.cancel();
  uploader.pauseAll();
  uploader.resumeAll();
  uploader.cancelAll();

  const list: Upload[] = uploader.uploads;
  const same: Upload = await upload.ready;
  const names: string[] = list.map((one) => `${one.id} ${one.name} ${one.size} ${one.uploadUrl ?? ""} ${one.metadata["take"]}`);

  const interrupted: Interrupted[] = await uploader.interrupted();
  for (const one of interrupted) {
    const left: number | null = one.confirmed === null ? null : one.size - one.confirmed;
    if (one.canReopen) await one.resume();
    else if (left === 0 || one.updated < new Date()) await one.discard();
    else (await one.resume(file, { headers: { "x-again": "1" } })).on("complete", () => names.push(one.name));
  }
  await uploader.forgetAll();

  try {
    return await same.done;
  } catch (error) {
    if (error instanceof UploadError && error.retryable) same.retry();
    throw error;
  }
}

// @ts-expect-error the endpoint is required
createUploader({});
// @ts-expect-error there is no such option
createUploader({ endpoint: "/uploads", chunksize: 5 });
// @ts-expect-error a word that is not one of those
createUploader({ endpoint: "/uploads", verify: "never" });
// @ts-expect-error only the package makes them
new Upload();

export function wrong(uploader: Uploader, upload: Upload): void {
  // @ts-expect-error a name is no file
  uploader.add("film.mp4");
  // @ts-expect-error there is no such event
  upload.on("finished", () => undefined);
  // @ts-expect-error single uploads are never idle
  upload.on("idle", () => undefined);
  // @ts-expect-error it is there to be read
  upload.state = "paused";
}
