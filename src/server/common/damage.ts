import { Injectable } from '@nestjs/common';

/** SQLSTATE: data_corrupted, index_corrupted. */
const CODES = new Set(['XX001', 'XX002']);
/**
 * What PostgreSQL says of a place on the disk, and nothing of what lies there; anything else is not repeated.
 */
const PLACE =
  /^(?:invalid page in block \d+ of relation ["\w/]+|(?:missing|unexpected) chunk number \d+ [\w() ]*for toast value \d+ in pg_toast_\d+)/;

const MOST_SAID = 100;

/**
 * Whether the database says that what is stored was changed behind its back: a bit of the disk, a page that
 * was lost.
 */
export function isDamage(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && CODES.has(code);
}

/**
 * Damaged pages that this process has met: said once each on stderr, with where they lie and nothing of whose
 * they are.
 */
@Injectable()
export class Damage {
  private readonly said = new Set<string>();

  get isKnown(): boolean {
    return this.said.size > 0;
  }

  /** Looks at whatever went wrong, in a request or a job. */
  note(error: unknown): void {
    if (!isDamage(error)) return;
    const { message = '', code = '' } = error as { message?: string; code?: string };
    const [place = code] = PLACE.exec(message) ?? [];
    if (this.said.has(place) || this.said.size >= MOST_SAID) return;
    this.said.add(place);
    process.stderr.write(
      `relais: the database is damaged: ${place}. What lies there cannot be read, and the rest goes on; relais doctor says what to do\n`,
    );
  }
}
