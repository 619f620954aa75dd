// @ts-check

/** What went wrong with an upload, or with loading Upferry. */
export class UploadError extends Error {
  /**
   * @param {string} code stable, kebab-case
   * @param {string} message what happened and what to do about it
   * @param {{retryable?: boolean, status?: number, cause?: unknown}} [more]
   */
  constructor(code, message, { retryable = false, status, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "UploadError";
    this.code = code;
    /** Whether trying again without a change may succeed. */
    this.retryable = retryable;
    if (status !== undefined) this.status = status;
  }
}
