import { Injectable } from '@nestjs/common';
import { Database, named, prepared, sql } from '../../../database/index.js';
import { toBase64url } from '../../../protocol/encoding/bytes.js';
import { thumbprint } from '../../../protocol/crypto/keys.js';
import { Refused, refuse } from '../../../protocol/encoding/errors.js';
import { findTransition, isReasonCode, type Referral } from '../../../protocol/referral/state-machine.js';
import type { Registry } from '../../../protocol/registry/registry.js';
import type { ConsentInvalidated } from '../../../protocol/schemas/statements.js';
import { hashText, readUnverified, verifySigned } from '../../../protocol/encoding/signed.js';
import type { DevicePrincipal } from '../../common/access/index.js';
import { DomainError, statementInvalid } from '../../common/errors/index.js';
import { Idempotency, onceSql, type IdempotentCall } from '../../common/http/index.js';
import { APPEND_STATEMENT, ChainReader, type NextValues } from '../common/chain.js';
import { CLOSE, closing } from '../erasing/close.sql.js';
import { Contexts, CONTEXT_HOLDS, type Context } from '../common/context.js';
import { ANSWERED } from '../common/referral.sql.js';
import type { StatementDto } from '../common/statement.dto.js';
import { SourceChain, type SourceStatement } from './source-chain.js';
import type { TransitionDto } from './transition.dto.js';

const v = named<
  NextValues & {
    reason: string;
    from: readonly string[];
    second: Uint8Array | null;
    organisation: string;
    device: string;
  }
>();

/**
 * From any state but a draft: `o` is the row as it was, in whichever part it lay. The second device is held
 * until the commit.
 */
const VOID = prepared(
  'void',
  onceSql(sql`${CONTEXT_HOLDS}, key AS MATERIALIZED (
      SELECT FROM service_key WHERE kid = ${v.kid} AND revoked_index IS NULL FOR SHARE
    ), second AS MATERIALIZED (
      SELECT FROM device d WHERE d.sign_key = ${v.second} AND d.revoked IS NULL FOR SHARE
    ), acted AS (
      UPDATE referral r SET status = 'entered-in-error', status_reason = ${v.reason}, outcome = NULL, review_on = NULL,
        business_status = NULL, redirect_to = NULL, consent_state = 'invalidated', head_hash = ${v.head},
          last_day = ${v.day},
        statements = r.statements + 1, ${closing()}
      FROM holds, key, referral o
      WHERE r.id = ${v.referral} AND r.source = ANY(${v.services}::uuid[]) AND r.status = ANY(${v.from})
        AND r.head_hash = ${v.headBefore}
        AND r.consent_state IN ('released', 'received') AND o.id = r.id AND o.open = r.open
        AND (${v.second}::bytea IS NULL OR EXISTS (SELECT FROM second))
      RETURNING r.*, o.open AS was_open, true AS closes, true AS erases
    ), ${CLOSE}, ${APPEND_STATEMENT},
    ${ANSWERED}`),
);

/**
 * Whose word counts beside that of the device that asks; whoever only watches the network confirms nothing.
 */
const SECOND_DEVICES = prepared(
  'void-second-devices',
  sql`SELECT d.sign_key AS key FROM device d
    WHERE d.organisation = ${v.organisation} AND d.id <> ${v.device} AND d.revoked IS NULL
      AND d.role IN ('worker', 'coordinator')
      AND domain_today() BETWEEN d.valid_from AND d.valid_until`,
);

interface Voiding extends SourceStatement {
  readonly by: DevicePrincipal;
  readonly reason: string;
  readonly confirmation: string | undefined;
}

/**
 * Declares a referral an error: `consent.invalidated` by the sending service, confirmed by a second device of
 * the same organisation or by its paper key. Signed and logged; the content is erased in the same
 * transaction.
 */
@Injectable()
export class VoidAct {
  constructor(
    private readonly database: Database,
    private readonly contexts: Contexts,
    private readonly idempotency: Idempotency,
    private readonly source: SourceChain,
    private readonly chains: ChainReader,
  ) {}

  async run(
    by: DevicePrincipal,
    call: IdempotentCall,
    referral: string,
    { statement, act }: { readonly statement: StatementDto; readonly act: TransitionDto },
  ): Promise<Referral> {
    const { statusReason: reason = '', confirmation } = act;
    if (!isReasonCode('entered-in-error', reason)) throw new DomainError('reason_required');
    const from = findTransition('void')?.from ?? [];
    const voiding = { by, referral, statement, from, reason, confirmation };
    return this.contexts.judge(
      call,
      (context) => this.attempt(call, voiding, context),
      ({ registry }) => this.source.why(registry, voiding),
    );
  }

  private async attempt(
    call: IdempotentCall,
    voiding: Voiding,
    context: Context,
  ): Promise<Referral | undefined> {
    const next = await this.source.next(voiding, context);
    if (next.chain.state !== 'invalidated') throw statementInvalid(next.text, '/kind');
    const said = readUnverified(next.text).payload as ConsentInvalidated;
    if (said.decision !== undefined) throw statementInvalid(next.text, '/decision');
    if (said.reason !== voiding.reason) throw statementInvalid(next.text, '/reason');
    const second = await this.secondOf(voiding, context.registry);
    const { reason, from } = voiding;
    const query = VOID.with({ ...this.chains.values(call, voiding, next, context), reason, from, second });
    return this.idempotency.once<Referral>(call, query);
  }

  /** The sign key of the device that has confirmed, or null for the paper key, which nobody can revoke. */
  private async secondOf(
    { by, confirmation, statement }: Voiding,
    registry: Registry,
  ): Promise<Uint8Array | null> {
    const { rows } = await this.database.app.query<{ key: Buffer }>(
      SECOND_DEVICES.with({ organisation: by.organisation, device: by.device }),
    );
    const keyring = new Map<string, Uint8Array>(rows.map(({ key }) => [thumbprint(key), key]));
    const root = registry.organisations.get(by.organisation);
    if (root) keyring.set(root.kid, root.key);
    try {
      const { kid, payload } = verifySigned(confirmation ?? refuse('form'), 'confirmation+jws', keyring);
      if (payload.network !== registry.trust.network) refuse('network');
      if (payload.organisation !== by.organisation) refuse('organisation');
      if (payload.statement !== toBase64url(hashText(statement.jws))) refuse('statement');
      return kid === root?.kid ? null : (keyring.get(kid) ?? null);
    } catch (error) {
      if (error instanceof Refused) throw new DomainError('second_device_required');
      throw error;
    }
  }
}
