import Type, { type Static } from 'typebox';
import { Bytes32, Code, Count, Exact, Id, Language, Lined, Name, Notice, OneOf, RecordOf } from './types.js';

const Days = Type.Integer({ minimum: 1, maximum: 3650 });
const Hours = Type.Integer({ minimum: 1, maximum: 8760 });
const Quota = Type.Optional(Type.Integer({ minimum: 2, maximum: 100_000 }));
const Text = Lined({ maxLength: 4000 });

/**
 * The rules in force (docs/protocol/registry.md, *Charter*). What is signed is the SHA-256 of its RFC 8785
 * text.
 */
export const Charter = Exact({
  version: Count,
  name: Name,
  languages: Type.Array(Language, { minItems: 1, maxItems: 64 }),
  /** Dates are days in this zone (IANA name). */
  timeZone: Type.String({ pattern: '^[A-Za-z0-9_+/-]{1,64}$' }),
  members: Type.Array(Exact({ organisation: Id, root: Bytes32 }), { minItems: 1, maxItems: 1000 }),
  /** `network`: every member may refer to every open service; `agreement`: only along signed agreements. */
  reach: OneOf(['network', 'agreement']),
  purposes: Type.Array(Code, { minItems: 1, maxItems: 100 }),
  /** Notice → language → SHA-256 of the text, base64url. */
  notices: RecordOf(Notice, RecordOf(Language, Bytes32)),
  /** Fields that no service may ask for, and the services that the network has voted an exception for. */
  refusedFields: Type.Array(Exact({ field: Name, exceptFor: Type.Array(Id, { maxItems: 100 }) }), {
    maxItems: 100,
  }),
  limits: Exact({
    sendUntilDays: Exact({ default: Days, max: Days }),
    keepUntilDays: Exact({ default: Days, max: Days }),
  }),
  /** Hours within which the receiving service answers. */
  respondWithinHours: Exact({ stat: Hours, urgent: Hours, routine: Hours }),
  /** Days after the end for which statements and openings, and closed referrals' status, are kept. */
  retentionDays: Exact({ statements: Days, closedReferrals: Days }),
  objectives: Type.Array(Text, { maxItems: 50 }),
  statistics: Type.Array(Code, { maxItems: 50 }),
  witnesses: Type.Array(Type.String({ maxLength: 300 }), { maxItems: 100 }),
  /** The name of a group of the policy, or `none`. */
  quorum: Type.String({ maxLength: 100 }),
  auditors: Type.Array(Id, { maxItems: 100 }),
  observers: Type.Array(Id, { maxItems: 100 }),
  voting: Exact({
    deadlineDays: Days,
    ordinary: Exact({ participationPercent: Type.Integer({ minimum: 1, maximum: 100 }) }),
    qualified: Exact({ numerator: Count, denominator: Count }),
  }),
  /** How long a leaf may wait before the log is published, in seconds. */
  publishing: Exact({ delaySeconds: Type.Integer({ minimum: 1, maximum: 86_400 }) }),
  /** How many each organisation may have at once; of what is absent, `DEFAULT_QUOTAS`. */
  quotas: Type.Optional(Exact({ devices: Quota, invitations: Quota, openReferrals: Quota })),
});

export type Charter = Static<typeof Charter>;
