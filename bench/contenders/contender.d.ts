/** What each contender's page module exports. */
export interface Contender {
  /** Loads what an application would have loaded before its user picks a file; not part of the measured time. */
  load(): Promise<void>;
  /** Uploads the file with the variant's options and resolves with the URL it has then, once all of it has arrived. */
  upload(file: File, options: Record<string, any>): Promise<string>;
}

export const load: Contender["load"];
export const upload: Contender["upload"];
