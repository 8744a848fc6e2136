import type pg from 'pg';

/** How many were found again in the backup. */
export interface Replayed {
  readonly referrals: number;
  readonly released: number;
  readonly devices: number;
}

const CONTENT = ['handoff_wrap', 'handoff', 'carried_over', 'message', 'attachment'];

/**
 * A referral is closed again as the act left it (compare close.sql.ts of the server); `g` are the lines.
 * Where the database knows of the act nothing is done: of a database that is no older than the list, nothing
 * is changed.
 */
const CLOSE_AGAIN = `UPDATE referral r SET open = false, status = g.status, status_reason = nullif(g.reason, '-'),
    consent_state = g.consent, business_status = NULL, redirect_to = NULL, sent_at = date_trunc('day', r.sent_at),
    respond_by = NULL, paused_hours = NULL, pause_used = NULL, due_soon = NULL, reminded_at = NULL,
    closed_on = coalesce(r.closed_on, domain_today()), erased_on = coalesce(r.erased_on, domain_today())
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS g (hash, status, reason, consent)
  WHERE encode(sha256(r.id::text::bytea), 'hex') = g.hash
    AND (r.erased_on IS NULL OR g.consent = 'withdrawn' AND r.consent_state <> 'withdrawn') RETURNING r.id`;

/** Erases what the list names: content that was erased, keys that were let go, devices that were revoked. */
export async function eraseAgain(client: pg.Client, lines: readonly string[]): Promise<Replayed> {
  const words = lines.map((line) => line.split(' '));
  const of = (kind: string): string[][] => words.filter(([first]) => first === kind);
  // of two lines on one referral the later one counts; those of one moment have no order, and a withdrawal is
  // final
  const isFinal = (line: readonly string[]): boolean => line[4] === 'withdrawn';
  const sorted = of('erased').sort((a, b) => Number(isFinal(a)) - Number(isFinal(b)));
  const erased = [...new Map(sorted.map((line) => [line[1], line])).values()];
  const columns = [1, 2, 3, 4].map((n) => erased.map((line) => line[n]));
  const { rows } = await client.query<{ id: string }>(CLOSE_AGAIN, columns);
  const ids = rows.map(({ id }) => id);
  for (const table of CONTENT) await client.query(`DELETE FROM ${table} WHERE referral = ANY ($1)`, [ids]);
  await client.query(
    'UPDATE statement SET open = false, ended_on = domain_today() WHERE open AND referral = ANY ($1)',
    [ids],
  );
  const released = await releaseAgain(client, of('released'));
  return { referrals: ids.length, released, devices: await revokeAgain(client, of('device')) };
}

/** Nobody knows what was withdrawn since: no content comes back at all, and whoever sent it still has it. */
export async function eraseEverything(client: pg.Client): Promise<Replayed> {
  for (const table of CONTENT) await client.query(`DELETE FROM ${table}`);
  const { rowCount } = await client.query(
    'UPDATE referral SET erased_on = domain_today() WHERE erased_on IS NULL',
  );
  return { referrals: rowCount ?? 0, released: 0, devices: 0 };
}

/** The sender's key to a transfer that it has let go of, where it is still there. */
async function releaseAgain(client: pg.Client, lines: readonly string[][]): Promise<number> {
  const { rows } = await client.query<{ id: string }>(
    `UPDATE referral r SET passed = true WHERE r.passed IS NOT TRUE AND encode(sha256(r.id::text::bytea), 'hex') = ANY ($1)
       AND (EXISTS (SELECT FROM handoff_wrap w WHERE w.referral = r.id AND w.role = 2 AND w.wrap IS NOT NULL)
         OR EXISTS (SELECT FROM carried_over c WHERE c.referral = r.id AND c.role = 2))
     RETURNING r.id`,
    [lines.map(([, hash]) => hash)],
  );
  const ids = rows.map(({ id }) => id);
  for (const sql of [
    'UPDATE handoff_wrap SET wrap = NULL, hash = sha256(wrap) WHERE referral = ANY ($1) AND role = 2 AND wrap IS NOT NULL',
    'DELETE FROM carried_over WHERE referral = ANY ($1) AND role = 2',
    `UPDATE message SET wraps[2] = ''::bytea WHERE referral = ANY ($1)`,
  ])
    await client.query(sql, [ids]);
  return ids.length;
}

async function revokeAgain(client: pg.Client, lines: readonly string[][]): Promise<number> {
  const { rows } = await client.query<{ box: Buffer }>(
    `UPDATE device d SET revoked = g.revoked, revocation = g.revocation
     FROM unnest($1::text[], $2::date[], $3::text[]) AS g (hash, revoked, revocation)
     WHERE d.revoked IS NULL AND encode(sha256(d.id::text::bytea), 'hex') = g.hash RETURNING d.box_id AS box`,
    [1, 2, 3].map((n) => lines.map((line) => line[n])),
  );
  await client.query('DELETE FROM key_grant WHERE device_box_id = ANY ($1)', [rows.map(({ box }) => box)]);
  return rows.length;
}

/** Places in the feed of events were counted in transactions that never were: everybody begins anew. */
export async function forgetPlaces(client: pg.Client): Promise<void> {
  await client.query(`UPDATE webhook SET seen_xid = DEFAULT, seen_id = DEFAULT;
    UPDATE mail_notice SET seen_xid = DEFAULT, due_at = NULL;
    UPDATE network SET events_since = domain_now()`);
}
