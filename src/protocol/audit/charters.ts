import { sha256 } from '#sha256';
import { toBase64url } from '../encoding/bytes.js';
import { parseCharter, type Charter } from '../registry/charter.js';
import { refuse } from '../encoding/errors.js';
import type { Registry } from '../registry/registry.js';
import { readUnverified } from '../encoding/signed.js';
import type { LogDirectory } from './input.js';
import type { Findings } from './report.js';

interface Shown {
  readonly version: number;
  readonly hash: string;
  readonly from: string;
  /** Registry size from which all founders have signed it. */
  readonly signedAt: number;
  readonly charter?: Charter;
}

/** The charters that the registry shows, with their texts as far as they lie in the directory. */
export class Charters {
  private constructor(private readonly shown: readonly Shown[]) {}

  /**
   * Texts are `charter/‹version›.json`; nobody need be trusted for them, since the registry names their
   * hashes.
   */
  static async read(registry: Registry, files: LogDirectory, findings: Findings): Promise<Charters> {
    const shown = registry.charters.map((charter) => {
      const signedAt = signedBy(registry);
      findings.demand('charter', signedAt !== undefined, charterPath(charter.version), 'not-signed-by-all');
      return { ...charter, hash: charter.textHash, signedAt: signedAt ?? Infinity };
    });
    return new Charters(await Promise.all(shown.map((charter) => withText(charter, files, findings))));
  }

  get paths(): string[] {
    return this.shown.map(({ version }) => charterPath(version));
  }

  /**
   * The charter in force on a day, for whoever saw the registry at that size; undefined when there was none.
   */
  inForce(day: string, registrySize: number): Shown | undefined {
    return this.shown.filter(({ from, signedAt }) => from <= day && signedAt <= registrySize).at(-1);
  }
}

export function charterPath(version: number): string {
  return `charter/${version}.json`;
}

async function withText(shown: Shown, files: LogDirectory, findings: Findings): Promise<Shown> {
  const path = charterPath(shown.version);
  const bytes = await files.read(path);
  const charter = bytes && findings.attempt('charter', path, () => parseText(bytes, shown.hash));
  return charter ? { ...shown, charter } : shown;
}

function parseText(bytes: Uint8Array, hash: string): Charter {
  if (toBase64url(sha256(bytes)) !== hash) refuse('other-text');
  return parseCharter(new TextDecoder().decode(bytes));
}

/**
 * Registry size from which every founder has signed, each with an entry of their own; undefined while one is
 * missing. The registry takes no other charter than the founders' yet.
 */
function signedBy({ trust, entries }: Registry): number | undefined {
  const missing = new Set(trust.roots);
  for (const [index, entry] of entries.entries()) {
    const { typ, kid } = readUnverified(entry).header;
    if (typ === 'charter+jws' && missing.delete(kid) && missing.size === 0) return index + 1;
  }
  return undefined;
}
