import type { PoolClient } from 'pg';
import { type Bound } from '../../../database/index.js';
import { fromBase64url } from '../../../protocol/encoding/bytes.js';
import { isUsableBox, thumbprint } from '../../../protocol/crypto/keys.js';
import { refuse } from '../../../protocol/encoding/errors.js';
import type { Payload, SignedTyp } from '../../../protocol/schemas/signed.js';
import { hashText, readUnverified, requirePayload } from '../../../protocol/encoding/signed.js';
import {
  findAgreementTextSql,
  insertCoordinatorKeySql,
  insertOrganisationSql,
  insertServiceKeySql,
  insertWitnessSql,
  revokeCoordinatorKeySql,
  revokeServiceKeySql,
  revokeWitnessSql,
  upsertServiceSql,
} from './registry.sql.js';

/** An entry that the registry has accepted, and where it stands. */
export interface AcceptedEntry {
  readonly text: string;
  readonly index: bigint;
}

/**
 * Writes what an accepted entry says into the tables that index the registry. A charter's text is not in its
 * entry, so the founding writes it. What the tables hold unique (one epoch a month and service, one box key)
 * is refused here.
 * @throws Refused
 */
export async function mirrorEntry(tx: PoolClient, entry: AcceptedEntry): Promise<void> {
  const { header, payload } = readUnverified(entry.text);
  switch (header.typ) {
    case 'organisation+jws':
      return mirrorOrganisation(tx, entry, requirePayload(header.typ, payload));
    case 'coordinator-key+jws':
      return mirrorCoordinatorKey(tx, entry, requirePayload(header.typ, payload));
    case 'service-key+jws':
      return mirrorServiceKey(tx, entry, requirePayload(header.typ, payload));
    case 'revocation+jws':
      return mirrorRevocation(tx, entry, requirePayload(header.typ, payload));
    case 'witness+jws':
      return mirrorWitness(tx, entry, requirePayload(header.typ, payload));
    case 'agreement+jws':
      return requireWords(tx, requirePayload(header.typ, payload));
    default:
  }
}

async function mirrorOrganisation(
  tx: PoolClient,
  { index }: AcceptedEntry,
  said: Said<'organisation'>,
): Promise<void> {
  const key = fromBase64url(said.key);
  const { organisation, name } = said;
  const kid = thumbprint(key);
  await requireRow(tx, insertOrganisationSql.with({ organisation, name, key, kid, index }));
}

async function mirrorCoordinatorKey(
  tx: PoolClient,
  { index }: AcceptedEntry,
  said: Said<'coordinator-key'>,
): Promise<void> {
  const key = fromBase64url(said.key);
  const { organisation, from, until } = said;
  const kid = thumbprint(key);
  await requireRow(tx, insertCoordinatorKeySql.with({ kid, organisation, key, from, until, index }));
}

async function mirrorServiceKey(
  tx: PoolClient,
  { text, index }: AcceptedEntry,
  said: Said<'service-key'>,
): Promise<void> {
  const box = fromBase64url(said.box);
  if (!isUsableBox(box)) refuse('box-key');
  const [organisation, service] = [said.organisation.id, said.service.id];
  await requireRow(tx, upsertServiceSql.with({ service, organisation, name: said.service.name }));
  const { epoch, from, until } = said;
  const key = fromBase64url(said.key);
  const keys = { kid: thumbprint(key), key, boxId: fromBase64url(said.boxId), box };
  const row = { ...keys, service, organisation, epoch, from, until, entryHash: hashText(text), index };
  await requireRow(tx, insertServiceKeySql.with(row));
}

/** The registry knows of which sort the key is; here at most one of the statements finds it. */
async function mirrorRevocation(
  tx: PoolClient,
  { index }: AcceptedEntry,
  said: Said<'revocation'>,
): Promise<void> {
  await tx.query(revokeServiceKeySql.with({ kid: said.key, index, from: said.from }));
  await tx.query(revokeCoordinatorKeySql.with({ kid: said.key, index, from: said.from }));
  await tx.query(revokeWitnessSql.with({ kid: said.key, index }));
}

async function mirrorWitness(tx: PoolClient, { index }: AcceptedEntry, said: Said<'witness'>): Promise<void> {
  const key = fromBase64url(said.key);
  const row = { kid: thumbprint(key), organisation: said.organisation, key, url: said.url ?? null, index };
  await requireRow(tx, insertWitnessSql.with(row));
}

/** Nobody signs what cannot be read: the words lie here before the first signature. */
async function requireWords(tx: PoolClient, said: Said<'agreement'>): Promise<void> {
  await requireRow(
    tx,
    findAgreementTextSql.with({ agreement: said.agreement, textHash: fromBase64url(said.textHash) }),
  );
}

async function requireRow(tx: PoolClient, query: Bound): Promise<void> {
  const { rowCount } = await tx.query(query);
  if (rowCount !== 1) refuse('duplicate');
}

type Said<K extends string> = `${K}+jws` extends SignedTyp ? Payload<`${K}+jws`> : never;
