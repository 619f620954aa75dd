// @ts-check
import { createUploader } from "./upferry/js/index.js";

/** @typedef {{ok: any} | {error: {type: string, name: string, message: string, code?: string, retryable?: boolean, status?: number, cause?: string}}} Outcome */

/** An uploader and its uploads, by number; every answer is plain data that can leave the page or worker. */
export class Bench {
  /** @type {() => File[]} */
  #picked;
  /** @type {any} */
  #uploader;
  /** @type {any[]} */
  #uploads = [];
  /** @type {{type: string, upload: number, state?: string, at: number, confirmed?: number}[]} */
  #events = [];

  /** The application's token: what it has by now, and how often it was asked for it. */
  #token = { present: "", asked: 0 };

  /** @param {() => File[]} picked what the user has picked now */
  constructor(picked) {
    this.#picked = picked;
  }

  /**
   * @param {any} options for createUploader
   * @returns {Promise<Outcome>}
   */
  open(options = { endpoint: "/uploads" }) {
    return outcome(async () => {
      this.#uploader = await createUploader(options);
    });
  }

  /**
   * The same, with an async `headers` function that brings the present token.
   * @param {any} options
   * @returns {Promise<Outcome>}
   */
  openWithToken(options) {
    const headers = async () => {
      this.#token.asked += 1;
      return { Authorization: `Bearer ${this.#token.present}` };
    };
    return this.open({ ...options, headers });
  }

  /**
   * Gives the application another token; answers how often it has been asked for one.
   * @param {string} [present]
   */
  token(present) {
    this.#token.present = present ?? this.#token.present;
    return this.#token.asked;
  }

  /**
   * Adds what is picked, or what is given instead; answers the uploads' numbers.
   * @param {any} [options]
   * @param {any[]} [files]
   */
  add(options, files = this.#picked()) {
    return outcome(async () => files.map((file) => this.#note(this.#uploader.add(file, options))));
  }

  /**
   * Adds the file of a handle.
   * @param {FileSystemFileHandle} handle
   */
  addHandle(handle) {
    return outcome(async () => this.#note(await this.#uploader.add(handle)));
  }

  /**
   * Adds what was dropped; answers the uploads' numbers.
   * @param {any} dataTransfer
   */
  addDropped(dataTransfer) {
    return outcome(async () => (await this.#uploader.addDropped(dataTransfer)).map((/** @type {any} */ upload) => this.#note(upload)));
  }

  /** The files that the uploader does not take from now on, as `[name, size, code]`. */
  rejections() {
    /** @type {[string, number, string][]} */
    const told = [];
    this.#uploader.on("rejected", (/** @type {any} */ { file, error }) => told.push([file.name, file.size, error.code]));
    return told;
  }

  /** @param {any} upload */
  #note(upload) {
    const known = this.#uploads.indexOf(upload);
    if (known >= 0) return known;
    const number = this.#uploads.push(upload) - 1;
    for (const type of ["state", "progress", "retry", "restarted", "complete", "error"]) {
      upload.on(type, () => this.#events.push({ type, upload: number, state: upload.state, at: performance.now(), confirmed: upload.progress?.confirmed }));
    }
    return number;
  }

  /** @param {number} number */
  look(number) {
    const { id, name, size, metadata, state, reason, progress, uploadUrl, contentUrl } = this.#uploads[number];
    const { confirmed, inFlight, total, speed, eta } = progress;
    return { id, name, size, metadata, state, reason, progress: { confirmed, inFlight, total, speed, eta }, uploadUrl, contentUrl };
  }

  /** How many uploads the uploader itself knows. */
  count() {
    return this.#uploader.uploads.length;
  }

  /** @param {number} number @param {"pause" | "resume" | "cancel" | "retry"} method */
  act(number, method) {
    return outcome(() => this.#uploads[number][method]());
  }

  /**
   * How an upload ended.
   * @param {number} number
   */
  done(number) {
    return outcome(() => this.#uploads[number].done);
  }

  /** @param {number} number */
  ready(number) {
    return outcome(async () => void (await this.#uploads[number].ready));
  }

  events() {
    return this.#events;
  }

  async interrupted() {
    const list = await this.#uploader.interrupted();
    return list.map((/** @type {any} */ { id, name, size, confirmed, canReopen }) => ({ id, name, size, confirmed, canReopen }));
  }

  /**
   * Resumes the only interrupted upload with the picked file, if one is picked; answers the upload's number.
   * @param {{headers?: Record<string, string>}} [options]
   */
  resumeInterrupted(options) {
    return outcome(async () => {
      const [interrupted] = await this.#uploader.interrupted();
      return this.#note(await interrupted.resume(this.#picked()[0], options));
    });
  }

  forgetAll() {
    return outcome(() => this.#uploader.forgetAll());
  }

  free() {
    this.#uploader.free();
  }
}

/**
 * @param {() => any} work
 * @returns {Promise<Outcome>}
 */
async function outcome(work) {
  try {
    return { ok: (await work()) ?? null };
  } catch (thrown) {
    const error = /** @type {any} */ (thrown);
    const { name, message, code, retryable, status, cause } = error;
    return { error: { type: error?.constructor?.name, name, message, code, retryable, status, cause: cause && String(cause) } };
  }
}
