import { Injectable } from '@nestjs/common';
import { Database, named, prepared, sql } from '../../../database/index.js';
import { toBase64url } from '../../../protocol/encoding/bytes.js';
import { findTransition } from '../../../protocol/referral/state-machine.js';
import { currentEpoch } from '../../../protocol/registry/registry-keys.js';
import type { Registry } from '../../../protocol/registry/registry.js';
import type { CodePrincipal, PersonReader } from '../../common/access/index.js';
import { DomainError } from '../../common/errors/index.js';
import { LogService } from '../../log/index.js';
import { RegistryService } from '../../organisations/index.js';

const v = named<{ readKid: string; kid: string; renewableFrom: readonly string[] }>();

const FIND = prepared(
  'own-find',
  sql`SELECT r.id AS referral FROM referral r WHERE r.read_kid = ${v.readKid}`,
);
const SECOND = prepared(
  'own-second',
  sql`SELECT c.referral, c.sealed FROM second_code c WHERE c.kid = ${v.kid}`,
);
/** Everything that the person's page says of the case, in one snapshot. */
const STORY = prepared(
  'own-story',
  sql`SELECT r.id AS referral, r.kind, r.status, r.status_reason AS "statusReason", r.outcome,
      r.business_status AS "businessStatus", r.keep_until AS "keepUntil", domain_today()::text AS today,
      r.source, s.name AS "sourceName", so.id AS "sourceOrganisation", so.name AS "sourceOrganisationName",
      r.target, t.name AS "targetName", tt.id AS "targetOrganisation", tt.name AS "targetOrganisationName",
      EXISTS (SELECT FROM handoff h WHERE h.open = r.open AND h.referral = r.id)
        AND r.keep_until >= domain_today() AS "contentKept",
      r.feedback_given IS TRUE AS "feedbackGiven", r.source_erased IS TRUE AS "sourceErased", r.target_erased IS TRUE AS "targetErased",
      CASE WHEN r.open AND r.status = ANY(${v.renewableFrom}) AND r.consent_state IN ('released', 'received')
          AND r.keep_until >= domain_today() AND domain_today() + m.days > r.keep_until
        THEN (domain_today() + m.days)::text END AS "renewableUntil",
      ARRAY(SELECT c.jws FROM statement c WHERE c.referral = r.id ORDER BY c.number) AS statements
    FROM referral r
      JOIN service s ON s.id = r.source JOIN organisation so ON so.id = s.organisation
      JOIN service t ON t.id = r.target JOIN organisation tt ON tt.id = t.organisation,
      LATERAL (SELECT (c.text::jsonb #>> '{limits,keepUntilDays,max}')::integer AS days FROM charter_version c
        WHERE c.valid_from <= domain_today() ORDER BY c.version DESC LIMIT 1) AS m
    WHERE r.read_kid = ${v.readKid}`,
);

interface StoryRow {
  readonly referral: string;
  readonly kind: string;
  readonly status: string;
  readonly statusReason: string | null;
  readonly outcome: string | null;
  readonly businessStatus: string | null;
  readonly keepUntil: string;
  readonly today: string;
  readonly source: string;
  readonly sourceName: string;
  readonly sourceOrganisation: string;
  readonly sourceOrganisationName: string;
  readonly target: string;
  readonly targetName: string;
  readonly targetOrganisation: string;
  readonly targetOrganisationName: string;
  readonly contentKept: boolean;
  readonly feedbackGiven: boolean;
  readonly sourceErased: boolean;
  readonly targetErased: boolean;
  readonly renewableUntil: string | null;
  readonly statements: readonly string[];
}

/** One of the two services, as the person is shown it. */
export interface Party {
  readonly service: { readonly id: string; readonly name: string };
  readonly organisation: { readonly id: string; readonly name: string };
  /** Its present service-key+jws: messages are sealed to the key in it. Null while it has none. */
  readonly serviceKey: string | null;
}

export interface OwnStory extends Pick<
  StoryRow,
  | ('referral' | 'kind' | 'status' | 'statusReason' | 'outcome' | 'businessStatus' | 'keepUntil' | 'today')
  | ('contentKept' | 'renewableUntil' | 'statements' | 'feedbackGiven')
> {
  readonly log: string;
  readonly source: Party;
  readonly target: Party;
  readonly erased: { readonly source: boolean; readonly target: boolean };
}

/**
 * The person's own referral, by the key of their paper and word. A wrong word and a wrong code find nothing
 * alike.
 */
@Injectable()
export class OwnReader {
  constructor(
    private readonly database: Database,
    private readonly registry: RegistryService,
    private readonly log: LogService,
  ) {}

  /** @throws DomainError not_found */
  async find({ readKid }: PersonReader): Promise<string> {
    const { rows } = await this.database.app.query<{ referral: string }>(FIND.with({ readKid }));
    return rows[0]?.referral ?? nothing();
  }

  /** What is sealed to a second code, for whoever proves it. @throws DomainError not_found */
  async second({ kid }: CodePrincipal): Promise<{ referral: string; sealed: string }> {
    const { rows } = await this.database.app.query<{ referral: string; sealed: Buffer }>(
      SECOND.with({ kid }),
    );
    const { referral, sealed } = rows[0] ?? nothing();
    return { referral, sealed: toBase64url(sealed) };
  }

  /** @throws DomainError not_found */
  async story({ readKid }: PersonReader): Promise<OwnStory> {
    const { app } = this.database;
    const { rows } = await app.query<StoryRow>(
      STORY.with({ readKid, renewableFrom: findTransition('renew-consent')?.from ?? [] }),
    );
    const row = rows[0] ?? nothing();
    return storyOf(row, await this.registry.current(app), this.log.identity.consent.name);
  }
}

function nothing(): never {
  throw new DomainError('not_found');
}

function storyOf(row: StoryRow, registry: Registry, log: string): OwnStory {
  const { referral, kind, status, statusReason, outcome, businessStatus, keepUntil, today } = row;
  const { contentKept, renewableUntil, statements, feedbackGiven, sourceErased, targetErased } = row;
  return {
    ...{ referral, kind, status, statusReason, outcome, businessStatus, keepUntil, today },
    ...{ contentKept, renewableUntil, statements, feedbackGiven, log },
    source: {
      service: { id: row.source, name: row.sourceName },
      organisation: { id: row.sourceOrganisation, name: row.sourceOrganisationName },
      serviceKey: keyOf(registry, row.source, today),
    },
    target: {
      service: { id: row.target, name: row.targetName },
      organisation: { id: row.targetOrganisation, name: row.targetOrganisationName },
      serviceKey: keyOf(registry, row.target, today),
    },
    erased: { source: sourceErased, target: targetErased },
  };
}

function keyOf(registry: Registry, service: string, today: string): string | null {
  const key = currentEpoch(registry, service, today);
  return (key && registry.entries[key.index]) ?? null;
}
