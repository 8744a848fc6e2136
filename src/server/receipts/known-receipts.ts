import { Injectable } from '@nestjs/common';
import { Database } from '../../database/index.js';

const BY_KID = {
  name: 'receipt-known-kid',
  text: `SELECT EXISTS (SELECT FROM referral WHERE person_kid = $1) OR EXISTS (SELECT FROM referral WHERE read_kid = $1)
    OR EXISTS (SELECT FROM second_code WHERE kid = $1) AS known`,
};
const BY_CONSENT = {
  name: 'receipt-known-consent',
  text: 'SELECT EXISTS (SELECT FROM referral WHERE consent = $1) AS known',
};

/** Whether there is a receipt of that name, and nothing else of it. */
@Injectable()
export class KnownReceipts {
  constructor(private readonly database: Database) {}

  async has(named: { readonly kid: string } | { readonly consent: string }): Promise<boolean> {
    const query =
      'kid' in named ? { ...BY_KID, values: [named.kid] } : { ...BY_CONSENT, values: [named.consent] };
    const { rows } = await this.database.app.query<{ known: boolean }>(query);
    return rows[0]?.known === true;
  }
}
