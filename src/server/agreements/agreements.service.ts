import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import {
  endingSoon,
  lastDayOf,
  stateOn,
  type RegisteredAgreement,
} from '../../protocol/registry/agreements.js';
import { textHash } from '../../protocol/registry/charter.js';
import { fromBase64url } from '../../protocol/encoding/bytes.js';
import { isPlainText } from '../../protocol/encoding/plain-text.js';
import { readUnverified, requirePayload } from '../../protocol/encoding/signed.js';
import type { DevicePrincipal } from '../common/access/index.js';
import { DomainError, statementInvalid } from '../common/errors/index.js';
import { EntriesService, refusedAsInvalid, RegistryService, type Queries } from '../organisations/index.js';
import type { AgreementAnswer, AgreementTextAnswer, ProposalDto } from './agreements.dto.js';
import { findTextSql, insertTextSql } from './agreements.sql.js';

/**
 * Agreements between members: the registry says who agreed to what; here lie the words, for the parties
 * alone.
 */
@Injectable()
export class AgreementsService {
  constructor(
    private readonly registry: RegistryService,
    private readonly entries: EntriesService,
  ) {}

  /**
   * The first signature, with the words that it is for. Answers the entry's index. @throws DomainError
   * statement_invalid
   */
  async propose(tx: PoolClient, by: DevicePrincipal, { text, signature }: ProposalDto): Promise<number> {
    const terms = await refusedAsInvalid(() =>
      Promise.resolve(requirePayload('agreement+jws', readUnverified(signature).payload)),
    );
    if (!isPlainText(text, true))
      throw new DomainError('input_invalid', { pointer: '/text', detail: 'form' });
    if (textHash(text) !== terms.textHash) throw statementInvalid(signature, '/textHash');
    // the lock comes before any row
    await this.registry.lock(tx);
    await tx.query(
      insertTextSql.with({ agreement: terms.agreement, textHash: fromBase64url(terms.textHash), text }),
    );
    const [index = 0] = await this.entries.append(tx, by, [signature]);
    return index;
  }

  /** Those to which the device's organisation is a party, by id. */
  async list(
    tx: Queries,
    by: DevicePrincipal,
    page: { readonly after: string; readonly limit: number },
  ): Promise<AgreementAnswer[]> {
    const { agreements } = await this.registry.current(tx);
    const today = await this.registry.today(tx);
    return [...agreements.values()]
      .filter(({ terms }) => terms.parties.includes(by.organisation) && terms.agreement > page.after)
      .sort((a, b) => (a.terms.agreement < b.terms.agreement ? -1 : 1))
      .slice(0, page.limit)
      .map((agreement) => answerOf(agreement, by.organisation, today));
  }

  /** One agreement with its words. @throws DomainError not_found */
  async show(tx: Queries, by: DevicePrincipal, id: string): Promise<AgreementTextAnswer> {
    const agreement = (await this.registry.current(tx)).agreements.get(id);
    if (!agreement?.terms.parties.includes(by.organisation)) throw new DomainError('not_found');
    const { rows } = await tx.query<{ text: string }>(findTextSql.with({ agreement: id }));
    if (!rows[0]) throw new Error('an agreement in the registry has no text');
    return { ...answerOf(agreement, by.organisation, await this.registry.today(tx)), text: rows[0].text };
  }
}

function answerOf(
  agreement: RegisteredAgreement,
  organisation: string,
  today: string,
): Omit<AgreementTextAnswer, 'text'> {
  const { network: _, agreement: id, ...terms } = agreement.terms;
  return {
    id,
    ...terms,
    signers: [...agreement.signers],
    state: stateOn(agreement, today),
    lastDay: lastDayOf(agreement),
    endsSoon: endingSoon([agreement], organisation, today).length > 0,
  };
}
