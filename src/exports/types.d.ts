import type { ErrorCode, UploadError } from "../js/errors.js";

/** What an upload is doing. */
export type UploadState =
  | "queued"
  | "checking"
  | "uploading"
  | "waiting"
  | "paused"
  | "completing"
  | "complete"
  | "failed"
  | "cancelled";

/** Why an upload waits. */
export type WaitReason = "offline" | "retry" | "auth" | "other-tab";

/** Request headers, or a function that is asked for them: once, and again after the server has answered 401. */
export type HeaderSource = Record<string, string> | (() => Record<string, string> | Promise<Record<string, string>>);

export interface UploaderOptions {
  /** Where uploads are created; relative to the page. */
  endpoint: string;
  headers?: HeaderSource;
  /** Default `"same-origin"`. */
  credentials?: "omit" | "same-origin" | "include";
  /** Key-value pairs of every upload. */
  metadata?: Record<string, string>;
  /** Bytes, within the limits that the server announces; default `"auto"`. */
  chunkSize?: number | "auto";
  /** 1 to 16; default `"auto"`. */
  parallelChunks?: number | "auto";
  /** Default 3. */
  parallelFiles?: number;
  /** The most bytes being read, hashed and sent, over all uploads; default 96 MiB. */
  memoryBudget?: number;
  /** Whether an added file starts by itself; default true. */
  autoStart?: boolean;
  retry?: RetryOptions;
  /** How long a chunk's request may take, in milliseconds, before the server is asked whether its bytes still move; more on a slow line. Default 30000. */
  stallTimeout?: number;
  /** What is compared when an interrupted upload goes on: a sample of what is stored, or (default) all of it. */
  verify?: "full" | "sample";
  /** Whether uploads can be resumed after a reload; default true. */
  persist?: boolean;
  /** Keeps apart what several users of one browser leave: one per signed-in user. */
  namespace?: string;
  /** How long an interrupted upload is remembered, in milliseconds; default 30 days. */
  ttl?: number;
  restrictions?: Restrictions;
  /** Whether the browser asks before the page is left while a file would need to be picked again; default false. */
  guardUnload?: boolean;
  /** Whether the screen stays on while something is sent; default false. */
  wakeLock?: boolean;
  /** Starts the package's worker, which hashes over plain http and keeps the time while the page is hidden, where a bundler needs that said in its own way. */
  createWorker?: () => Worker;
}

/** When a failure that may pass is final all the same; both limits count without progress only. */
export interface RetryOptions {
  /** The most failures in a row; default Infinity. */
  maxAttempts?: number;
  /** The longest time from the first failure in a row, in milliseconds; default Infinity. */
  maxElapsed?: number;
  /** The upper bound of the first delay, in milliseconds; default 500. */
  baseDelay?: number;
  /** The upper bound of any delay, in milliseconds; default 60000. */
  maxDelay?: number;
}

/** Which files are taken. */
export interface Restrictions {
  /** Bytes. */
  maxSize?: number;
  /** Bytes. */
  minSize?: number;
  /** As the attribute of a file input: `".mp4, image/*"`. */
  accept?: string;
  /** Failed and cancelled ones do not count. */
  maxFiles?: number;
}

export interface AddOptions {
  /** Default: the file's own. A Blob that is no File needs one. */
  name?: string;
  /** Beside those of the uploader. */
  metadata?: Record<string, string>;
  /** Beside those of the uploader. */
  headers?: HeaderSource;
}

export interface Progress {
  /** Bytes that the server has stored durably; never fewer than before. */
  confirmed: number;
  /** Bytes that are on their way. */
  inFlight: number;
  /** The size of the file. */
  total: number;
  /** Confirmed bytes per second; null before there is a measurement. */
  speed: number | null;
  /** Seconds left; null without a measurement. */
  eta: number | null;
}

/** What `done` resolves to. */
export interface UploadResult {
  id: string;
  uploadUrl: string;
  contentUrl: string;
  name: string;
  size: number;
  /** The SHA-256 of the stored file in hexadecimal, as the server computed it; null from a server that does not say. */
  digest: string | null;
}

export interface UploadEvents {
  state: { state: UploadState; reason: WaitReason | null };
  progress: Progress;
  /** A chunk is durable: bytes `start` to before `end`. */
  chunk: { start: number; end: number };
  /** A request failed and is tried again after `delay` milliseconds. */
  retry: { attempt: number; delay: number; error: UploadError };
  /** The server no longer had the upload: a new one begins. */
  restarted: {};
  complete: UploadResult;
  /** The upload failed; with the code `storage-unavailable` it goes on, but can't be resumed after a reload. */
  error: { error: UploadError };
}

/** The events of all uploads, each with the upload, and those of the uploader. */
export type UploaderEvents = { [K in keyof UploadEvents]: UploadEvents[K] & { upload: Upload } } & {
  added: { upload: Upload };
  /** A file was not taken: it is outside the restrictions, or (`file-unreadable`, of a drop) can't be read, and `file` then has its name only. */
  rejected: { file: File | Blob; error: UploadError };
  /** No upload is left that could go on. */
  idle: {};
};

/** One file on its way. */
export class Upload {
  private constructor();
  /** A name of its own within this page. */
  readonly id: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly metadata: Record<string, string>;
  readonly state: UploadState;
  /** Why it waits; null unless it does. */
  readonly reason: WaitReason | null;
  readonly progress: Progress;
  /** Null until it is known. */
  readonly uploadUrl: string | null;
  /** Where the stored file can be read; null until it is known. */
  readonly contentUrl: string | null;
  /** Resolves with this upload when the file is recognised; with another one, in whose place this one then stands, if that is of the same file. */
  readonly ready: Promise<Upload>;
  /** Resolves when the server has the file, rejects with an `UploadError` or, when cancelled, an `AbortError`. Never an unhandled rejection. `retry()` makes a new one. */
  readonly done: Promise<UploadResult>;
  /** Stops sending at once. */
  pause(): void;
  resume(): void;
  /** Gives up the upload and what the server has of it. */
  cancel(): void;
  /** Tries a failed upload again. */
  retry(): void;
  /** Listens; gives back a function that ends it. */
  on<K extends keyof UploadEvents>(type: K, listener: (event: UploadEvents[K]) => void): () => void;
}

/** All uploads to one endpoint. */
export class Uploader {
  private constructor();
  /** All uploads that were not cancelled, in the order in which they were added. */
  readonly uploads: Upload[];
  /** Adds a file. The very same `File` object gives the very same upload as long as that is unfinished. Throws a `TypeError` for what is no file, an `UploadError` for a file outside the restrictions. */
  add(file: File | Blob, options?: AddOptions): Upload;
  /** Adds the file of a handle, as a file picker gives it. The handle is kept with what is saved, so that after a reload the upload goes on without picking the file again. Rejects with an `UploadError`: `file-unreadable`, or what `add()` of the file throws. */
  add(handle: FileSystemFileHandle, options?: AddOptions): Promise<Upload>;
  /** Adds what was dropped, folders included; to be called in the `drop` event. A file in a folder has its path, beginning with the folder's name, in `metadata.relativePath`. Files that are not taken are told by `rejected` and left out. Where the browser gives handles, files can be reopened after a reload. */
  addDropped(dataTransfer: DataTransfer): Promise<Upload[]>;
  pauseAll(): void;
  resumeAll(): void;
  cancelAll(): void;
  /** What earlier sessions left unfinished. */
  interrupted(): Promise<Interrupted[]>;
  /** Forgets all that was saved for this endpoint and namespace: for when the user signs out. */
  forgetAll(): Promise<void>;
  /** Listens; gives back a function that ends it. */
  on<K extends keyof UploaderEvents>(type: K, listener: (event: UploaderEvents[K]) => void): () => void;
  /** Ends everything at once; legal at any time. No listener is called afterwards, and what is unfinished can be resumed by another uploader. */
  free(): void;
}

/** An upload that an earlier session left unfinished. */
export class Interrupted {
  private constructor();
  readonly id: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Bytes that the server has; null when it could not be asked. */
  readonly confirmed: number | null;
  readonly updated: Date;
  /** Whether `resume()` needs no file: the browser can open it again. */
  readonly canReopen: boolean;
  /** Goes on with the file that the user has picked again, or without one where `canReopen` says so: then call it in a click, as the browser may ask. Another file makes the upload fail with `file-mismatch`. Rejects with an `UploadError`, `file-unreadable`, when the file can't be opened: let the user choose it. */
  resume(file?: File | Blob | FileSystemFileHandle | null, options?: { headers?: HeaderSource }): Promise<Upload>;
  /** Gives it up, here and on the server. */
  discard(): Promise<void>;
}

/** For the package's own JavaScript. */
export interface Host {
  uploadError(code: ErrorCode, message: string, retryable: boolean, status: number | undefined, cause: unknown): UploadError;
  /** The files of a drop, in batches; one that is `lost` can't be read. */
  dropped(dataTransfer: DataTransfer): AsyncGenerator<{ file: File; handle?: FileSystemFileHandle; path?: string; lost?: boolean }[]>;
  createWorker(): Worker;
}

/** For the package's own JavaScript: use `createUploader`. */
export function makeUploader(options: UploaderOptions, host: Host): Uploader;

/** For the package's own worker. */
export function sha256(buffer: ArrayBuffer): Uint8Array;
