import { Injectable } from '@nestjs/common';
import { Database, named, prepared, sql } from '../../database/index.js';

const v = named<{ kid: string; consent: string }>();

const BY_KID = prepared(
  'receipt-known-kid',
  sql`SELECT EXISTS (SELECT FROM referral WHERE person_kid = ${v.kid})
    OR EXISTS (SELECT FROM referral WHERE read_kid = ${v.kid})
    OR EXISTS (SELECT FROM second_code WHERE kid = ${v.kid}) AS known`,
);
const BY_CONSENT = prepared(
  'receipt-known-consent',
  sql`SELECT EXISTS (SELECT FROM referral WHERE consent = ${v.consent}) AS known`,
);

/** Whether there is a receipt of that name, and nothing else of it. */
@Injectable()
export class KnownReceipts {
  constructor(private readonly database: Database) {}

  async has(name: { readonly kid: string } | { readonly consent: string }): Promise<boolean> {
    const query = 'kid' in name ? BY_KID.with({ kid: name.kid }) : BY_CONSENT.with({ consent: name.consent });
    const { rows } = await this.database.app.query<{ known: boolean }>(query);
    return rows[0]?.known === true;
  }
}
