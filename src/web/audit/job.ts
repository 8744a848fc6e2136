import type { Language } from './translations.js';

/** What the page asks of its worker. Files are read there. */
export interface Job {
  readonly language: Language;
  readonly trust: File;
  /** Of a copy, by their paths; without any the server's own log is read. */
  readonly copy: readonly (readonly [path: string, file: File])[];
  readonly cases: readonly File[];
  readonly sample: File | undefined;
}

/** Who has signed for a log of this server. */
export interface Coverage {
  readonly log: string;
  /** Sizes: of the newest that a quorum has seen, and of the newest. */
  readonly seen: string;
  readonly newest: string;
  /** Names of the organisations that have cosigned the newest. */
  readonly by: readonly string[];
}

/** What the worker says, one after the other. */
export type News =
  /** It listens from now on: what came before its cryptography was loaded would be lost. */
  | { readonly ready: true }
  | { readonly progress: string }
  | { readonly coverage: readonly Coverage[] }
  | { readonly report: string; readonly sound: boolean }
  | { readonly trouble: 'badTrust' | 'fault' };
