import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { getReferral, Problem, type Device } from '../../src/client/index.js';
import { addDays } from '../../src/protocol/encoding/days.js';
import { toBase64url } from '../../src/protocol/encoding/bytes.js';
import type { SigningKey } from '../../src/protocol/crypto/keys.js';
import { ACTS } from '../../src/protocol/referral/state-machine.js';
import type { ConsentGiven } from '../../src/protocol/schemas/statements.js';
import { hashText, sign } from '../../src/protocol/encoding/signed.js';
import { Database } from '../../src/database/index.js';
import { Jobs } from '../../src/server/common/jobs.js';
import { Clock } from '../../src/server/referrals/erasing/clock.js';
import { asOwner, shiftClock } from '../support/machines/database.js';
import {
  givenSend,
  postAct,
  postSend,
  postWithdrawal,
  statementAfter,
  storedOf,
  type SignedStatement,
} from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import {
  after,
  afterTime,
  codeFor,
  transitionOf,
  type ReferralModel,
  type Side,
  type Try,
} from '../support/machines/referral-model.js';
import { rounds } from '../support/machines/rounds.js';

jest.setTimeout(rounds(240_000, 7_200_000));

/** Certificates end after 180 days, and with them the walk. */
const LONGEST_HOURS = 90 * 24;

/** A referral on its way, with all that its parties need to act. */
interface Walk {
  readonly referral: string;
  readonly given: ConsentGiven;
  readonly person: SigningKey;
  /** Statements up to the head; a withdrawal is no head. */
  readonly texts: string[];
  hours: number;
  /** The events that were taken, for the walk's own account. */
  readonly taken: string[];
}

describe('random walks of both services, the person and the clock', () => {
  let server: FoundedServer;
  let database: Database;
  let clock: Clock;
  let keys: Readonly<Record<'source' | 'target', SigningKey>>;

  beforeAll(async () => {
    server = await givenNetwork();
    database = new Database(server.urls);
    clock = new Clock(database, new Jobs());
    const { laRuelle, clinique } = server.network;
    keys = {
      source: (await laRuelle.worker.epochOf(laRuelle.service)).sign,
      target: (await clinique.worker.epochOf(clinique.service)).sign,
    };
  });
  afterEach(() => shiftClock(server.urls, '0 days'));
  afterAll(async () => {
    await database.close();
    await server.stop();
  });

  function deviceOf(side: Side): Device {
    const { laRuelle, clinique } = server.network;
    return side === 'target' ? clinique.worker : laRuelle.worker;
  }

  async function domainTime(): Promise<{ today: string; now: number }> {
    const [row] = await asOwner<{ today: string; now: string }>(
      server.urls,
      'SELECT domain_today()::text AS today, extract(epoch FROM domain_now())::float8 * 1000 AS now',
    );
    return { today: row?.today ?? '', now: Number(row?.now) };
  }

  async function begin(kind: string, priority: string): Promise<{ model: ReferralModel; real: Walk }> {
    await shiftClock(server.urls, '0 hours');
    const time = await domainTime();
    const [sendUntil, keepUntil] = [addDays(time.today, 10), addDays(time.today, 40)];
    const { body, given, person } = await givenSend(server.network, {
      priority,
      given: { day: time.today, sendUntil, keepUntil },
    });
    const { respondBy } = await postSend(deviceOf('source'), { ...body, kind });
    const { referral } = body;
    const model: ReferralModel = {
      status: 'requested',
      statusReason: null,
      consentState: 'released',
      businessStatus: null,
      responsible: 'source',
      kind,
      ...{ sendUntil, keepUntil, respondBy },
      erased: false,
      remindedAt: null,
      ...time,
    };
    const texts = body.statements.map(({ jws }) => jws);
    return { model, real: { referral, given, person: person.sign, texts, hours: 0, taken: [] } };
  }

  function statementFor(model: ReferralModel, walk: Walk, tried: Try): SignedStatement | undefined {
    const { today: day } = model;
    const { texts, given } = walk;
    const own = tried.side === 'person' ? walk.person : keys[tried.side];
    const reason = codeFor(tried);
    const added = {
      acknowledge: { kind: 'handoff.received' },
      'renew-consent': { kind: 'consent.renewed', keepUntil: laterThan(model) },
      void: { kind: 'consent.invalidated', reason },
      'withdraw-consent': {
        kind: 'consent.withdrawn',
        means: tried.side === 'person' ? 'own-code' : 'on-word',
        by: tried.side,
      },
    }[tried.event];
    return added && statementAfter(texts, given, { day, ...(added as { kind: 'consent.renewed' }) }, own);
  }

  function laterThan({ today, keepUntil }: ReferralModel): string {
    return addDays(keepUntil > today ? keepUntil : today, 5);
  }

  function bodyFor(model: ReferralModel, walk: Walk, tried: Try) {
    const { reason, outcome, businessStatus } = transitionOf(tried.event);
    const code = codeFor(tried);
    const statement = statementFor(model, walk, tried);
    const { coordinator, founder } = server.network.laRuelle;
    const confirm = (jws: string) => {
      const of = { network: coordinator.network, organisation: founder.public.id };
      const payload = { ...of, statement: toBase64url(hashText(jws)) };
      return sign('confirmation+jws', payload, coordinator.keys.sign);
    };
    return {
      event: tried.event,
      ...(reason && { statusReason: code }),
      ...(outcome && { outcome: code }),
      ...(businessStatus && { businessStatus: code }),
      ...(tried.event === 'hold' && { reviewOn: '2999-01-01' }),
      ...(tried.event === 'void' && statement && { confirmation: confirm(statement.jws) }),
      ...(statement && { statements: [statement] }),
    };
  }

  /** Whether the server took it; anything but a plain refusal is a fault. */
  async function attempt(model: ReferralModel, walk: Walk, tried: Try): Promise<boolean> {
    const body = bodyFor(model, walk, tried);
    if (tried.side === 'person') {
      const { status } = await postWithdrawal(server, (body.statements ?? [])[0] as SignedStatement);
      return status === 200;
    }
    try {
      await postAct(deviceOf(tried.side), walk.referral, body);
    } catch (error) {
      if (error instanceof Problem && error.status >= 400 && error.status < 500) return false;
      throw error;
    }
    if (tried.event !== 'withdraw-consent') walk.texts.push(...(body.statements ?? []).map(({ jws }) => jws));
    return true;
  }

  /**
   * Both services see what the model says, the database holds what it says, and times and hours are as told.
   */
  async function compare(model: ReferralModel, walk: Walk): Promise<void> {
    const seen = await getReferral(deviceOf('source'), walk.referral);
    expect(await getReferral(deviceOf('target'), walk.referral)).toEqual(seen);
    const { status, statusReason, consentState, businessStatus, responsible, keepUntil } = model;
    const said = { status, statusReason, consentState, businessStatus, responsible, keepUntil };
    expect(seen).toMatchObject(said);
    expect(seen.erasedOn !== null).toBe(model.erased);
    const { handoffs } = await storedOf(server, walk.referral);
    expect(handoffs).toBe(model.erased ? 0 : 1);
    Object.assign(model, { respondBy: seen.respondBy, remindedAt: seen.remindedAt });
  }

  class Act implements fc.AsyncCommand<ReferralModel, Walk> {
    constructor(private readonly tried: Try) {}
    check = () => true;
    async run(model: ReferralModel, walk: Walk): Promise<void> {
      Object.assign(model, await domainTime());
      const next = after(model, this.tried);
      const taken = await attempt(model, walk, this.tried);
      expect([this.toString(), model.status, taken]).toEqual([this.toString(), model.status, !!next]);
      if (next && this.tried.event === 'renew-consent') next.keepUntil = laterThan(model);
      if (next) walk.taken.push(this.tried.event);
      Object.assign(model, next);
      await compare(model, walk);
    }
    toString = () => `${this.tried.side}: ${this.tried.event} ${codeFor(this.tried) ?? ''}`;
  }

  class Pass implements fc.AsyncCommand<ReferralModel, Walk> {
    constructor(private readonly hours: number) {}
    check = () => true;
    async run(model: ReferralModel, walk: Walk): Promise<void> {
      walk.hours = Math.min(walk.hours + this.hours, LONGEST_HOURS);
      await shiftClock(server.urls, `${walk.hours} hours`);
      await clock.tick();
      Object.assign(model, await domainTime());
      Object.assign(model, afterTime(model));
      await compare(model, walk);
    }
    toString = () => `clock: ${this.hours} h`;
  }

  const sides = fc.constantFrom<Side>('source', 'target', 'target');
  const tries = fc
    .record({ event: fc.constantFrom(...ACTS), side: sides, pick: fc.nat(30) })
    .map((tried): Try =>
      tried.event === 'withdraw-consent' && tried.pick % 2 ? { ...tried, side: 'person' } : tried,
    );
  /** What the right side does on the usual way, so that walks get far. */
  const forward = fc.constantFrom<Try>(
    { event: 'acknowledge', side: 'target', pick: 0 },
    { event: 'accept', side: 'target', pick: 0 },
    { event: 'start', side: 'target', pick: 0 },
    { event: 'release', side: 'source', pick: 0 },
    { event: 'request-info', side: 'target', pick: 0 },
    { event: 'renew-consent', side: 'source', pick: 0 },
  );
  const hours = fc.constantFrom(1, 1, 2, 13, 25, 25, 30, 75, 24 * 6, 24 * 15);

  it('never leave the model', async () => {
    const taken = new Set<string>();
    const acts = (of: fc.Arbitrary<Try>) => of.map((tried) => new Act(tried));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('referral', 'transfer'),
        fc.constantFrom('routine', 'urgent', 'stat'),
        fc.commands(
          [
            acts(tries),
            acts(forward),
            acts(forward),
            acts(forward),
            acts(forward),
            hours.map((n) => new Pass(n)),
          ],
          {
            maxCommands: 40,
            size: 'max',
          },
        ),
        async (kind, priority, commands) => {
          let walk: Walk | undefined;
          await fc.asyncModelRun(async () => {
            const { model, real } = await begin(kind, priority);
            walk = real;
            return { model, real };
          }, commands);
          for (const event of walk?.taken ?? []) taken.add(event);
        },
      ),
      { numRuns: rounds(16, 2_000), endOnFailure: rounds(0, 1) === 1 },
    );
    // a walk that gets nowhere proves nothing
    const usual = ['acknowledge', 'accept', 'start', 'release', 'request-info', 'withdraw-consent'];
    expect([...taken]).toEqual(expect.arrayContaining(rounds(0, 1) === 1 ? [...ACTS] : usual));
  });
});
