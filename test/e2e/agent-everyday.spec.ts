import { randomFillSync } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { publishProfile, type Referral } from '../../src/client/index.js';
import { newId } from '../../src/protocol/encoding/bytes.js';
import { addDays } from '../../src/protocol/encoding/days.js';
import { givenJoinedAgent, type TestAgent } from '../support/machines/agent.js';
import { until } from '../support/machines/database.js';
import { givenProfile } from '../support/network/profiles.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

/** Not a round number of chunks. */
const FILE = randomFillSync(Buffer.alloc(200_003)).toString('base64url');
const SENSITIVE = 'Tavish Merrow (fictive)';

interface Opened extends Record<string, unknown> {
  readonly record: { readonly attachments: readonly { readonly id: string }[] };
}

interface Event {
  readonly type: string;
  readonly referral: string;
}

describe('a day’s work beside the agent', () => {
  let server: FoundedServer;
  let sender: TestAgent;
  let receiver: TestAgent;

  beforeAll(async () => {
    server = await givenNetwork();
    const { laRuelle, clinique } = server.network;
    sender = await givenJoinedAgent(server.address, laRuelle);
    receiver = await givenJoinedAgent(server.address, clinique);
  });
  afterAll(async () => {
    await receiver.stop();
    await sender.stop();
    await server.stop();
  });

  const services = () => ({
    from: server.network.laRuelle.service,
    to: server.network.clinique.service,
  });

  const draftOf = (more: object = {}, fields: readonly string[] = []) => ({
    ...services(),
    consent: {
      purpose: 'health-care',
      fields: ['calledName', ...fields],
      language: 'fr',
      modality: 'spoken',
      representation: 'none',
      alternativesOffered: [],
      teachBack: true,
    },
    record: { calledName: SENSITIVE },
    priority: 'routine',
    ...more,
  });

  const post = (agent: TestAgent, path: string, body?: unknown) => agent.ask({ method: 'POST', path, body });

  async function sent(more: object = {}, fields: readonly string[] = []): Promise<string> {
    const { body } = await post(sender, '/drafts', draftOf(more, fields));
    const referral = String(body['referral']);
    expect((await post(sender, `/drafts/${referral}/send`)).status).toBe(200);
    return referral;
  }

  async function received(more: object = {}, fields: readonly string[] = []): Promise<string> {
    const referral = await sent(more, fields);
    expect((await post(receiver, `/referrals/${referral}/open`)).status).toBe(200);
    return referral;
  }

  it('finds a service by what it offers, holds a place before any consent, and gives it back once', async () => {
    const { to } = services();
    const { coordinator, worker } = server.network.clinique;
    await publishProfile(coordinator, to, givenProfile(await worker.today(), {}));
    const capacity = { unit: 'bed', available: 2 };
    expect((await post(receiver, `/services/${to}/capacity`, capacity)).status).toBe(204);
    const found = await post(sender, '/services/search', { term: 'shelter', free: true });
    expect(found.body['items']).toMatchObject([{ id: to, capacity: { free: 2 } }]);
    const { body: hold, status } = await post(sender, `/services/${to}/holds`);
    expect([status, typeof hold['token']]).toEqual([201, 'string']);
    const profile = () => sender.ask({ path: `/services/${to}/profile` });
    expect((await profile()).body).toMatchObject({
      capacity: { free: 1 },
      profile: { terms: ['night-shelter'] },
    });
    for (const _ of [1, 2])
      expect((await post(sender, '/holds/end', { token: hold['token'] })).status).toBe(204);
    expect((await profile()).body).toMatchObject({ capacity: { free: 2 } });
  });

  it('sends a file with the handoff, keeps it sealed alone, and opens it to the byte', async () => {
    const attachments = [{ type: 'image/jpeg', content: FILE }];
    const { body } = await post(sender, '/drafts', draftOf({ attachments }, ['attachments']));
    const referral = String(body['referral']);
    const names = () => readdirSync(join(sender.state, 'drafts')).filter((name) => name.endsWith('.sealed'));
    expect(names()).toHaveLength(1);
    await sender.kill();
    sender = await sender.again();
    expect((await post(sender, `/drafts/${referral}/send`)).status).toBe(200);
    expect(names()).toEqual([]);
    const opened = await receiver.ask<Opened>({ method: 'POST', path: `/referrals/${referral}/open` });
    const [named] = opened.body.record.attachments;
    const path = `/referrals/${referral}/attachments`;
    const file = await receiver.ask({ path: `${path}/${named?.id ?? ''}` });
    expect(file.body).toEqual({ type: 'image/jpeg', content: FILE });
    expect((await receiver.ask({ path: `${path}/${newId()}` })).status).toBe(404);
    await post(sender, `/referrals/${referral}/withdrawal`);
    expect((await receiver.ask({ path: `${path}/${named?.id ?? ''}` })).status).toBe(409);
  });

  it('sends no draft without its files, and forgets both together', async () => {
    const attachments = [{ type: 'text/plain', content: FILE }];
    const folder = join(sender.state, 'drafts');
    const sealed = () => readdirSync(folder).filter((name) => name.endsWith('.sealed'));
    for (const isBrokenOff of [true, false]) {
      const { body } = await post(sender, '/drafts', draftOf({ attachments }, ['attachments']));
      const path = `/drafts/${String(body['draft'])}`;
      if (isBrokenOff) for (const name of sealed()) rmSync(join(folder, name));
      if (isBrokenOff) expect((await post(sender, `${path}/send`)).status).toBe(404);
      expect((await sender.ask({ method: 'DELETE', path })).status).toBe(204);
      expect(sealed()).toEqual([]);
    }
  });

  it('asks, answers with a message that ends the question, and says what has been arranged', async () => {
    const referral = await received();
    const act = (agent: TestAgent, body: object) => post(agent, `/referrals/${referral}/transitions`, body);
    expect((await act(receiver, { event: 'request-info' })).body).toMatchObject({
      businessStatus: 'info-requested',
    });
    const messages = `/referrals/${referral}/messages`;
    expect((await post(receiver, messages, { text: 'Which language?' })).status).toBe(204);
    expect((await sender.ask({ path: `/referrals/${referral}` })).body).toMatchObject({
      businessStatus: 'info-requested',
    });
    expect((await post(sender, messages, { text: 'Pashto.' })).status).toBe(204);
    const thread = await receiver.ask<{ items: { side: string; text: string }[] }>({ path: messages });
    expect(thread.body.items.map(({ side, text }) => [side, text])).toEqual([
      ['target', 'Which language?'],
      ['source', 'Pashto.'],
    ]);
    const answered = await sender.ask({ path: `/referrals/${referral}` });
    expect(answered.body['businessStatus'] ?? null).toBeNull();
    await act(receiver, { event: 'accept' });
    const arranged = { event: 'business-status', businessStatus: 'appointment-set' };
    expect((await act(receiver, arranged)).body).toMatchObject({ businessStatus: 'appointment-set' });
  });

  it('releases a transfer, and renews what the person agrees to', async () => {
    const referral = await received({ kind: 'transfer' });
    await post(receiver, `/referrals/${referral}/transitions`, { event: 'accept' });
    const keepUntil = addDays(await server.network.laRuelle.worker.today(), 200);
    expect((await post(sender, `/referrals/${referral}/renewal`, { keepUntil })).body).toMatchObject({
      keepUntil,
    });
    const released = await post(sender, `/referrals/${referral}/transitions`, { event: 'release' });
    expect(released.status).toBe(200);
    expect((await post(sender, `/referrals/${referral}/open`)).status).toBeGreaterThanOrEqual(400);
  });

  it('hears of what happened, from where it has read to', async () => {
    const { to } = services();
    const page = (after: string) =>
      receiver.ask<{ items: Event[]; next: string }>({
        path: `/events?service=${to}${after === '' ? '' : `&after=${encodeURIComponent(after)}`}`,
      });
    let { next, items } = (await page('')).body;
    while (items.length > 0) ({ next, items } = (await page(next)).body);
    const referral = await sent();
    const heard: string[] = [];
    await until(async () => {
      const asked = await page(next);
      heard.push(...asked.body.items.map((event) => event.referral));
      next = asked.body.next;
      return heard.includes(referral);
    });
    expect((await receiver.ask({ path: `/events?service=${services().from}` })).status).toBe(404);
  });

  it('says that it has erased, once, what the server has erased', async () => {
    const referral = await received();
    await post(sender, `/referrals/${referral}/withdrawal`);
    const { to } = services();
    const due = async () =>
      (await receiver.ask<{ items: string[] }>({ path: `/erasures?service=${to}` })).body.items;
    await until(async () => (await due()).includes(referral));
    const done = { service: to, referrals: [referral] };
    for (const _ of [1, 2]) expect((await post(receiver, '/erasures', done)).status).toBe(204);
    expect(await due()).not.toContain(referral);
    const { body } = await sender.ask<Partial<Referral>>({ path: `/referrals/${referral}` });
    expect(JSON.stringify(body)).toContain('erasedBy');
  });

  it.each([
    ['a file that is no base64url', '/drafts', { attachments: [{ type: 'x', content: 'a=' }] }, 422],
    ['a search for nothing known', '/services/search', { name: 'x' }, 400],
    ['an empty message', `/referrals/${newId()}/messages`, { text: '' }, 400],
    ['a message to nobody', `/referrals/${newId()}/messages`, { text: 'x' }, 404],
    ['an act that is signed elsewhere', `/referrals/${newId()}/transitions`, { event: 'void' }, 400],
    ['a token that is none', '/holds/end', { token: 'x' }, 400],
  ])('refuses %s', async (_, path, body, status) => {
    const sent = path === '/drafts' ? draftOf(body, ['attachments']) : body;
    expect((await post(sender, path, sent)).status).toBe(status);
  });
});
