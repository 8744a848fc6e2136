import { publishProfile } from '../../src/client/index.js';
import { asOwner } from '../support/machines/database.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { givenProfile } from '../support/network/profiles.js';
import { cpuSeconds } from './cpu.js';
import { drive } from './load.js';
import { measure, percentile, type Figure, type Plan } from './plan.js';
import { sendMaker } from './sends.js';
import { FastDevice, type Setting } from './setting.js';

const SMALL = 10_000;
const REQUESTS_PER_SECOND = 300;

/** Row 5: the same acts beside few and beside many referrals of years gone by. */
export const growthRows = rowsOf(['send', 'act', 'inbox', 'next page', 'get']);
/** Row 5: finding one's own events, and a service, among few and among many of them. */
export const findingRows = rowsOf(['events', 'search']);

type Act = 'send' | 'act' | 'inbox' | 'next page' | 'get' | 'events' | 'search';

function rowsOf(acts: readonly Act[]) {
  return async ({ cluster }: Setting, plan: Plan): Promise<Figure[]> => {
    const [few, many] = [await givenNetwork(), await givenNetwork()];
    try {
      await fill(few, SMALL);
      await fill(many, plan.large);
      if (acts.includes('search')) await fillServices(few, SMALL);
      if (acts.includes('search')) await fillServices(many, plan.large);
      const cells = { few: await Cells.of(few, cluster.pid), many: await Cells.of(many, cluster.pid) };
      const figures: Figure[] = [];
      for (const act of acts) figures.push(...(await compare(act, cells, plan)));
      return figures;
    } finally {
      await few.stop();
      await many.stop();
    }
  };
}

/**
 * Closed referrals with their statements, as a year leaves them, and an event of each, as if they were of one
 * month.
 */
async function fill({ urls, network }: FoundedServer, rows: number): Promise<void> {
  const { laRuelle, clinique } = network;
  await asOwner(
    urls,
    `ALTER TABLE referral_open DISABLE TRIGGER unused;
     ALTER TABLE referral_closed DISABLE TRIGGER told_closed;
     WITH old AS (
       INSERT INTO referral (open, id, kind, source, target, to_key, priority, status, status_reason, sent_at, consent,
         consent_state, given_hash, head_hash, statements, last_day, send_until, keep_until, person_kid, read_kid, word_needed)
       SELECT false, gen_random_uuid(), 'referral', '${laRuelle.service}', '${clinique.service}', sha256('k'), 'routine',
         'rejected', 'no-capacity', date_trunc('day', domain_now() - make_interval(days => (n % 365)::int)),
         gen_random_uuid(), 'released', sha256(int8send(n)), sha256(int8send(-n)), 2, domain_today(), domain_today(),
         domain_today(), translate(left(encode(sha256(int8send(n)), 'base64'), 43), '+/', '-_'),
         translate(left(encode(sha256(int8send(-n)), 'base64'), 43), '+/', '-_'), false
       FROM generate_series(1, ${rows}::bigint) AS n RETURNING id
     )
     INSERT INTO statement (open, referral, number, jws, opening, pending)
     SELECT false, id, s, repeat(id::text, 12), sha256(uuid_send(id)), gen_random_uuid() FROM old, generate_series(0, 1) AS s;
     INSERT INTO event (service, type, referral) SELECT target, 'referral.status', id FROM referral_closed;
     ALTER TABLE referral_closed ENABLE TRIGGER told_closed;
     ALTER TABLE referral_open ENABLE TRIGGER unused`,
  );
  await asOwner(urls, 'VACUUM ANALYZE');
}

/** Services of another kind, and a hundred of the kind that is looked for. */
async function fillServices({ urls, network }: FoundedServer, rows: number): Promise<void> {
  const { coordinator, service, founder } = network.clinique;
  await publishProfile(coordinator, service, givenProfile(await coordinator.today()));
  await asOwner(
    urls,
    `ALTER TABLE service DISABLE TRIGGER USER; ALTER TABLE service_profile DISABLE TRIGGER USER;
     INSERT INTO service (id, organisation, name)
       SELECT gen_random_uuid(), '${founder.public.id}', CASE WHEN n <= 100 THEN 'Wanted' ELSE 'Other' END
       FROM generate_series(1, ${rows}) AS n;
     INSERT INTO service_profile (service, profile, published, keys, area, hours)
       SELECT s.id, p.profile, p.published, p.keys, p.area, p.hours FROM service s, service_profile p
       WHERE s.name IN ('Wanted', 'Other');
     INSERT INTO service_search (key, service)
       SELECT CASE s.name WHEN 'Wanted' THEN 'term:shelter' ELSE 'term:other' END, s.id FROM service s
       WHERE s.name IN ('Wanted', 'Other')`,
  );
  await asOwner(urls, 'VACUUM ANALYZE service, service_profile, service_search');
}

interface Cell {
  readonly cpu: number;
  readonly wal: number;
  /** Whole pages in it: the first change of a page after a checkpoint writes all of it. */
  readonly images: number;
  readonly p99: number;
}

/** One database with its server, and requests of each kind. */
class Cells {
  private constructor(
    private readonly server: FoundedServer,
    private readonly postmaster: number,
    private readonly sends: Awaited<ReturnType<typeof sendMaker>>,
    private readonly nextPage: string,
    private readonly place: string,
  ) {}

  static async of(server: FoundedServer, postmaster: number): Promise<Cells> {
    const { worker, service } = server.network.clinique;
    const page = await worker.session.json<{ next: string }>({
      method: 'GET',
      path: '/v1/referrals',
      query: { box: 'inbox', state: 'closed' },
    });
    const query = { service };
    const feed = await worker.session.json<{ next: string }>({ method: 'GET', path: '/v1/events', query });
    return new Cells(server, postmaster, await sendMaker(server.network), page.next, feed.next);
  }

  async run(act: Act, count: number): Promise<Cell> {
    const requests = await this.requests(act, count);
    const before = { cpu: this.cpu(), wal: await this.wal() };
    const { latencies } = await this.drive(requests, 8);
    if (latencies.length !== count)
      throw new Error(`${latencies.length} of ${count} requests of ${act} were sent`);
    const after = await this.wal();
    return {
      cpu: (this.cpu() - before.cpu) / count,
      wal: (after.bytes - before.wal.bytes) / count,
      images: (after.images - before.wal.images) / count,
      p99: percentile(latencies, 0.99),
    };
  }

  private async requests(act: Act, count: number): Promise<Buffer[]> {
    const { laRuelle, clinique } = this.server.network;
    const source = await FastDevice.of(laRuelle.worker);
    const target = await FastDevice.of(clinique.worker);
    const made = Array.from({ length: count }, () => this.sends.make());
    const sends = made.map(({ body }) => source.request('POST', '/v1/referrals', body));
    if (act === 'send') return sends;
    if (act === 'search')
      return made.map(() =>
        target.request('POST', '/v1/services/search', JSON.stringify({ term: 'shelter' })),
      );
    if (act === 'inbox') return sends.map(() => target.request('GET', '/v1/referrals?box=inbox'));
    if (act === 'next page') {
      const path = `/v1/referrals?box=inbox&state=closed&after=${this.nextPage}`;
      return sends.map(() => target.request('GET', path));
    }
    await this.drive(sends, 8);
    if (act === 'events') {
      const path = `/v1/events?service=${clinique.service}&after=${this.place}`;
      return made.map(() => target.request('GET', path));
    }
    const decline = JSON.stringify({ event: 'decline', statusReason: 'no-capacity' });
    return made.map(({ referral }) =>
      act === 'get'
        ? target.request('GET', `/v1/referrals/${referral}`)
        : target.request('POST', `/v1/referrals/${referral}/transitions`, decline),
    );
  }

  private drive(requests: Buffer[], connections: number) {
    const port = Number(new URL(this.server.address).port);
    return drive({ port, connections, seconds: 600, next: () => requests.pop() });
  }

  private cpu(): number {
    return cpuSeconds(this.server.pid) + cpuSeconds(this.postmaster);
  }

  private async wal(): Promise<{ readonly bytes: number; readonly images: number }> {
    const [row] = await asOwner<{ bytes: string; images: string }>(
      this.server.urls,
      `SELECT (pg_current_wal_lsn() - '0/0')::text AS bytes, wal_fpi::text AS images FROM pg_stat_wal`,
    );
    return { bytes: Number(row?.bytes), images: Number(row?.images) };
  }
}

async function compare(
  act: Act,
  { few, many }: { readonly few: Cells; readonly many: Cells },
  plan: Plan,
): Promise<Figure[]> {
  const count = plan.seconds * REQUESTS_PER_SECOND;
  for (const cells of [few, many]) await cells.run(act, plan.warmUp * REQUESTS_PER_SECOND);
  const rounds = await measure(
    plan,
    { few: () => few.run(act, count), many: () => many.run(act, count) },
    ({ few: small, many: large }) => ({
      cpu: (large?.cpu ?? NaN) / (small?.cpu ?? NaN),
      wal: (large?.wal ?? NaN) / (small?.wal ?? NaN),
      p99: (large?.p99 ?? NaN) / (small?.p99 ?? NaN),
      note: `${((large?.cpu ?? NaN) * 1e6).toFixed(0)} µs, WAL ${large?.wal.toFixed(0)} B and ${large?.images.toFixed(1)} pages (${small?.images.toFixed(1)}), p99 ${large?.p99.toFixed(0)} ms`,
    }),
  );
  const note = rounds.at(-1)?.note ?? '';
  const what = `${plan.large} against ${SMALL} rows: ${act}`;
  const figure = (of: 'cpu' | 'wal' | 'p99', name: string, value: number): Figure => ({
    row: '5',
    what: `${what}, ${name}`,
    ratios: rounds.map((round) => round[of]),
    goal: { is: '≤', value },
    note,
  });
  const isWriting = act === 'send' || act === 'act';
  return [
    figure('cpu', 'CPU', 1.1),
    ...(isWriting ? [figure('wal', 'WAL', 1.05)] : []),
    figure('p99', 'p99', 1.25),
  ];
}
