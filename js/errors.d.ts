/** A stable code: one of the server's, or one of the client's own. */
export type ErrorCode =
  | "file-changed"
  | "file-unreadable"
  | "file-mismatch"
  | "network"
  | "timeout"
  | "blocked-by-proxy"
  | "storage-unavailable"
  | "wasm-blocked"
  | "unsupported"
  | "too-large"
  | "too-small"
  | "not-accepted"
  | "too-many-files"
  | "invalid-request"
  | "digest-required"
  | "digest-mismatch"
  | "digest-unsupported"
  | "unauthorized"
  | "forbidden"
  | "upload-not-found"
  | "method-not-allowed"
  | "range-busy"
  | "chunk-conflict"
  | "chunk-overlap"
  | "too-fragmented"
  | "upload-paused"
  | "upload-not-open"
  | "upload-complete"
  | "incomplete"
  | "upload-gone"
  | "length-required"
  | "unsupported-media-type"
  | "range-invalid"
  | "idempotency-key-reused"
  | "rate-limited"
  | "internal"
  | "unavailable"
  | "insufficient-storage";

/** What went wrong with an upload, or with loading Upferry. The message says what to do about it. */
export class UploadError extends Error {
  constructor(code: ErrorCode, message: string, more?: { retryable?: boolean; status?: number; cause?: unknown });
  readonly code: ErrorCode;
  /** Whether trying again without a change may succeed. */
  readonly retryable: boolean;
  /** The HTTP status, where there was one. */
  readonly status?: number;
  readonly cause?: unknown;
}
