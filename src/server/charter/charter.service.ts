import { Injectable } from '@nestjs/common';
import type { ClientBase, Pool } from 'pg';
import { parseCharter, type Charter } from '../../protocol/registry/charter.js';
import { fromBase64url, toBase64url } from '../../protocol/encoding/bytes.js';
import { readUnverified } from '../../protocol/encoding/signed.js';
import { DomainError } from '../common/errors/index.js';
import { charterInForceSql, findCharterSql, insertCharterSql, versionInForceSql } from './charter.sql.js';

type Queries = Pick<ClientBase | Pool, 'query'>;

/** One version, verbatim, with the entries that put it into the registry. */
export interface CharterVersion {
  readonly version: number;
  readonly text: string;
  /** SHA-256 of the text, base64url. */
  readonly textHash: string;
  /** First day on which it holds. */
  readonly from: string;
  readonly signatures: readonly string[];
}

interface CharterRow extends Omit<CharterVersion, 'textHash'> {
  readonly textHash: Uint8Array;
}

/** The rules in force: read by every feature, written by the founding and, later, by decisions only. */
@Injectable()
export class CharterService {
  private readonly parsed = new Map<number, Charter>();

  /** The typed charter in force today. @throws DomainError not_found before the network is founded */
  async inForce(tx: Queries): Promise<Charter> {
    const { rows } = await tx.query<{ version: number | null }>(versionInForceSql.with());
    const version = rows[0]?.version;
    if (version === null || version === undefined) throw new DomainError('not_found');
    return this.parsed.get(version) ?? this.parse(await this.getVersion(tx, version));
  }

  async getInForce(tx: Queries): Promise<CharterVersion> {
    return this.requireRow(await tx.query<CharterRow>(charterInForceSql.with()));
  }

  async getVersion(tx: Queries, version: number): Promise<CharterVersion> {
    return this.requireRow(await tx.query<CharterRow>(findCharterSql.with({ version })));
  }

  /**
   * Thumbprints of the roots that signed the first version: whom this server trusts. Empty before the
   * founding.
   */
  async founders(tx: Queries): Promise<string[]> {
    const { rows } = await tx.query<CharterRow>(findCharterSql.with({ version: 1 }));
    return (rows[0]?.signatures ?? []).map((signature) => readUnverified(signature).header.kid);
  }

  /** Keeps a version whose signatures the registry has accepted in this transaction. */
  async record(tx: Queries, charter: CharterVersion): Promise<void> {
    const { version, text, textHash, from, signatures } = charter;
    await tx.query(
      insertCharterSql.with({ version, text, textHash: fromBase64url(textHash), from, signatures }),
    );
  }

  private parse({ version, text }: CharterVersion): Charter {
    const charter = parseCharter(text);
    this.parsed.set(version, charter);
    return charter;
  }

  private requireRow({ rows: [row] }: { rows: CharterRow[] }): CharterVersion {
    if (!row) throw new DomainError('not_found');
    return { ...row, textHash: toBase64url(row.textHash) };
  }
}
