import type { Uploader, UploaderOptions } from "../pkg/upferry.js";

export { Interrupted, Upload, Uploader } from "../pkg/upferry.js";
export type {
  AddOptions,
  HeaderSource,
  Progress,
  Restrictions,
  RetryOptions,
  UploaderEvents,
  UploaderOptions,
  UploadEvents,
  UploadResult,
  UploadState,
  WaitReason,
} from "../pkg/upferry.js";
export { UploadError } from "./errors.js";
export type { ErrorCode } from "./errors.js";

/** Makes an uploader; the first call loads the wasm module. Throws a `TypeError` that names a wrong option, an `UploadError` where the module can't be loaded. */
export function createUploader(options: UploaderOptions): Promise<Uploader>;
