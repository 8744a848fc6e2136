import { equalBytes, utf8 } from '../encoding/bytes.js';
import { canonicalText, parseStrict } from '../encoding/json.js';
import { check } from '../encoding/check.js';
import { refuse } from '../encoding/errors.js';
import { CaseFile, TrustFile } from '../schemas/trust.js';

/** A copy of the public logs. Whoever made it controls every byte of it. */
export interface LogDirectory {
  /** Undefined where no such file is. Paths are relative, with `/`. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Every file there is. Without it, files that nobody asks for stay unseen. */
  list?(): Promise<readonly string[]>;
}

export interface CaseFiles {
  readonly names: readonly string[];
  /** Undefined where it cannot be read. */
  read(name: string): Promise<Uint8Array | undefined>;
}

/**
 * What `verifyLogs` is given: a copy of the logs, the trust file, and what there is of cases, samples and
 * older notes.
 */
export interface AuditInput {
  readonly log: LogDirectory;
  readonly trust: TrustFile;
  readonly cases?: CaseFiles;
  /** The text of a `SampleFile`. */
  readonly sample?: Uint8Array;
  /** Signed notes that somebody kept from earlier: the log must still contain them. */
  readonly checkpoints?: readonly { readonly name: string; readonly note: Uint8Array }[];
}

/** Called after each bundle of entries. */
export type Progress = (at: { readonly log: string; readonly done: bigint; readonly size: bigint }) => void;

/** Reads a trust file; refuses ('trust') what is not one. */
export function parseTrust(text: Uint8Array | string): TrustFile {
  const trust = parseStrict(text);
  return check(TrustFile, trust) ? trust : refuse('trust');
}

/**
 * Reads a case file; refuses ('case') what is not one. Its holder wrote it, and may have written anything,
 * but in one form only (RFC 8785): else a changed byte of white space would go unnoticed.
 */
export function parseCase(text: Uint8Array): CaseFile {
  const opened = parseStrict(text);
  if (!check(CaseFile, opened)) refuse('case');
  return equalBytes(utf8(canonicalText(opened)), text) ? opened : refuse('not-canonical');
}
