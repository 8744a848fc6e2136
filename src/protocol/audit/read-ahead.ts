/** How many files are on their way together. */
export const AT_ONCE = 16;

/** Reads files by their paths; undefined where there is none. */
export type ReadFile = (path: string) => Promise<Uint8Array | undefined>;

/**
 * Reads files of which the next ones are known: they are on their way while one is worked on, so that a
 * server far away, or a slow disk, is waited for once and not for each.
 */
export class ReadAhead {
  private readonly reading = new Map<string, Promise<Uint8Array | undefined>>();

  constructor(private readonly file: ReadFile) {}

  /** `paths` in the order in which they will be read; the first few are begun. */
  begin(paths: Iterable<string>): void {
    for (const path of paths) {
      if (this.reading.size >= AT_ONCE) return;
      if (!this.reading.has(path)) this.start(path);
    }
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    const reading = this.reading.get(path) ?? this.file(path);
    this.reading.delete(path);
    return reading;
  }

  private start(path: string): void {
    const reading = this.file(path);
    // told to whoever reads it
    reading.catch(() => undefined);
    this.reading.set(path, reading);
  }
}
