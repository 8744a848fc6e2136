import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Receipt, type Referral, type PossibleDuplicate } from '../../src/client/index.js';
import { normaliseCode } from '../../src/protocol/encoding/typed.js';
import { givenJoinedAgent, readToken, type TestAgent } from '../support/machines/agent.js';
import { until } from '../support/machines/database.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

/** Each is a seal, a send and their answers: a few seconds in all. */
const ROUNDS = 6;
const RECORD = {
  calledName: 'Zorah Quixel (fictive)',
  contactValue: '0470 00 11 22',
  reason: 'A wound on the foot that does not heal.',
};

interface Sealed extends Record<string, unknown> {
  readonly draft: string;
  readonly referral: string;
  readonly receiptCode: string;
  readonly similar: readonly PossibleDuplicate[];
}

describe('a partner app beside the agent', () => {
  let server: FoundedServer;
  let sender: TestAgent;
  let receiver: TestAgent;
  const agents: TestAgent[] = [];

  beforeAll(async () => {
    server = await givenNetwork();
    const { laRuelle, clinique } = server.network;
    sender = await givenJoinedAgent(server.address, laRuelle);
    receiver = await givenJoinedAgent(server.address, clinique);
    agents.push(sender, receiver);
  });
  afterAll(async () => {
    for (const agent of agents.reverse()) await agent.stop();
    await server.stop();
  });

  function draftOf(record: object = RECORD): Record<string, unknown> {
    return {
      from: server.network.laRuelle.service,
      to: server.network.clinique.service,
      consent: {
        purpose: 'health-care',
        fields: Object.keys(record),
        language: 'fr',
        modality: 'spoken',
        representation: 'none',
        alternativesOffered: [],
        teachBack: true,
      },
      record,
      priority: 'routine',
    };
  }

  async function seal(record?: object): Promise<Sealed> {
    const answer = await sender.ask<Sealed>({ method: 'POST', path: '/drafts', body: draftOf(record) });
    expect(answer).toMatchObject({ status: 201 });
    return answer.body;
  }

  async function send(draft: string): Promise<Referral> {
    const answer = await sender.ask<Referral>({ method: 'POST', path: `/drafts/${draft}/send` });
    expect(answer).toMatchObject({ status: 200 });
    return answer.body;
  }

  it('finds, reads the notice, seals, sends, and sees what becomes of it, in plain JSON', async () => {
    const { clinique } = server.network;
    const services = await sender.ask<{ items: { id: string }[] }>({ path: '/services' });
    expect(services.body.items.map(({ id }) => id)).toContain(clinique.service);
    expect((await sender.ask({ path: '/notices/nl' })).body['text']).toMatch(/[a-z]{3}/);

    const { draft, referral, receiptCode } = await seal();
    expect((await send(draft)).status).toBe('requested');
    const inbox = await receiver.ask<{ items: Referral[] }>({ path: '/referrals?box=inbox&state=open' });
    expect(inbox.body.items.map((item) => item.referral)).toContain(referral);
    const opened = await receiver.ask({ method: 'POST', path: `/referrals/${referral}/open` });
    expect(opened.body).toMatchObject({ record: RECORD, referral: { status: 'received' } });
    await receiver.ask({
      method: 'POST',
      path: `/referrals/${referral}/transitions`,
      body: { event: 'accept' },
    });
    expect((await sender.ask({ path: `/referrals/${referral}` })).body).toMatchObject({ status: 'accepted' });

    const receipt = await Receipt.fromCode(server.address, receiptCode);
    expect((await receipt.withdraw()).status).toBe('cancelled');
    const again = await receiver.ask({ method: 'POST', path: `/referrals/${referral}/open` });
    expect(again.status).toBe(409);
  });

  it('sends what was sealed before a crash, to the byte, and once', async () => {
    const { draft } = await seal({ calledName: 'Kesh' });
    const kept = readFileSync(join(sender.state, 'drafts', `${draft}.json`), 'utf8');
    await sender.kill();
    sender = await sender.again();
    agents.push(sender);
    expect(readFileSync(join(sender.state, 'drafts', `${draft}.json`), 'utf8')).toBe(kept);
    const [first, second] = await Promise.all([send(draft), send(draft)]);
    expect(second).toEqual(first);
    await sender.kill();
    sender = await sender.again();
    agents.push(sender);
    expect(await send(draft)).toEqual(first);
    const outbox = await sender.ask<{ items: Referral[] }>({ path: '/referrals?box=outbox' });
    expect(outbox.body.items.filter(({ referral }) => referral === draft)).toHaveLength(1);
  });

  it('writes no receipt code and no content anywhere, and says neither', async () => {
    const { draft, receiptCode } = await seal();
    await send(draft);
    await receiver.ask({ method: 'POST', path: `/referrals/${draft}/open` });
    for (const agent of [sender, receiver]) {
      const written = filesOf(agent.state).map((path) => readFileSync(path, 'utf8'));
      for (const text of [...written, agent.output()]) {
        expect(normaliseCode(text)).not.toContain(normaliseCode(receiptCode));
        for (const value of Object.values(RECORD)) expect(text).not.toContain(value);
      }
      expect(agent.output()).not.toContain(readToken(agent.state));
      expect(agent.output().trim().split('\n').length).toBeLessThan(6);
    }
  });

  it('refuses to seal what was not agreed to, what no handoff may carry, and a purpose of nobody', async () => {
    const given = draftOf();
    const consent = given['consent'] as object;
    for (const [check, body] of [
      ['record-members', { ...given, consent: { ...consent, fields: ['calledName'] } }],
      ['refused-field', draftOf({ nationality: 'none of anybody’s business' })],
      ['purpose', { ...given, consent: { ...consent, purpose: 'marketing' } }],
      ['service-not-served', { ...given, from: server.network.clinique.service }],
    ] as const) {
      const answer = await sender.ask({ method: 'POST', path: '/drafts', body });
      expect(answer.body).toMatchObject({ type: '/problems/refused', status: 422, check });
      expect(answer.text).not.toContain('business');
    }
    const unfree = { ...given, consent: { ...consent, teachBack: false } };
    expect((await sender.ask({ method: 'POST', path: '/drafts', body: unfree })).status).toBe(400);
  });

  it('warns of a person whom its own service has sent before, and still seals', async () => {
    const first = await seal({ calledName: 'Ångström Élise', contactValue: 'elise@example.org' });
    await send(first.draft);
    const byName = await seal({ calledName: 'angstrom elise' });
    expect(byName.similar.map(({ referral }) => referral)).toEqual([first.referral]);
    expect(Object.keys(byName.similar[0] ?? {}).sort()).toEqual(['referral', 'sentAt', 'target']);
    const byContact = await seal({ contactValue: 'Elise@Example.org' });
    expect(byContact.similar).toHaveLength(1);
    expect((await seal({ calledName: 'Somebody Else Entirely' })).similar).toEqual([]);
    await sender.kill();
    sender = await sender.again();
    agents.push(sender);
    expect((await seal({ calledName: 'Angström Elise' })).similar).toHaveLength(1);
  });

  it('forgets a draft that was never sent, and no other', async () => {
    const { draft } = await seal({ calledName: 'N.' });
    const listed = await sender.ask<{ items: { draft: string; sent: boolean }[] }>({ path: '/drafts' });
    expect(listed.body.items).toContainEqual(expect.objectContaining({ draft, sent: false }));
    expect((await sender.ask({ method: 'DELETE', path: `/drafts/${draft}` })).status).toBe(204);
    expect((await sender.ask({ method: 'POST', path: `/drafts/${draft}/send` })).status).toBe(404);
    const sent = await seal({ calledName: 'O.' });
    await send(sent.draft);
    const refused = await sender.ask({ method: 'DELETE', path: `/drafts/${sent.draft}` });
    expect(refused.body).toMatchObject({ type: '/problems/already_sent', status: 409 });
  });

  it('never loses track of a draft that is sent and deleted at once', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { draft } = await seal({ calledName: `Q. ${String(round)}` });
      const send = { method: 'POST', path: `/drafts/${draft}/send` };
      const forget = { method: 'DELETE', path: `/drafts/${draft}` };
      const asked = round % 2 === 0 ? [send, forget, send] : [forget, send, forget];
      const answers = await Promise.all(asked.map((each) => sender.ask(each)));
      const isSent = answers.some(({ status }) => status === 200);
      expect(answers.map(({ status }) => status).sort()).toEqual(
        isSent ? answersWhen(asked, send) : [204, 404, 404],
      );
      expect((await sender.ask({ path: `/referrals/${draft}` })).status).toBe(isSent ? 200 : 404);
    }
  });

  it('deletes what can never be sent, and secrets whose time is past, and nothing else', async () => {
    const [late, sent, past, living] = [
      await seal({ calledName: 'R.' }),
      await seal({ calledName: 'S.' }),
      await seal({ calledName: 'T.' }),
      await seal({ calledName: 'U.' }),
    ];
    for (const { draft } of [sent, past]) await send(draft);
    await sender.kill();
    rewrite(sender, late.draft, { sendUntil: '2020-01-01' });
    rewrite(sender, sent.draft, { sendUntil: '2020-01-01' });
    rewrite(sender, past.draft, { until: '2020-01-01' });
    sender = await sender.again();
    agents.push(sender);
    const names = () => readdirSync(join(sender.state, 'drafts'));
    await until(() => Promise.resolve(![late, past].some(({ draft }) => names().includes(`${draft}.json`))));
    for (const { draft } of [sent, living]) expect(names()).toContain(`${draft}.json`);
  });

  it('takes a consent back on the person’s word, and still writes the case file of what it sent', async () => {
    const { draft } = await seal({ calledName: 'P.' });
    await send(draft);
    const withdrawn = await sender.ask({ method: 'POST', path: `/referrals/${draft}/withdrawal` });
    expect(withdrawn.body).toMatchObject({ status: 'cancelled' });
    const file = await sender.ask<{ statements: unknown[]; fields: string }>({
      path: `/referrals/${draft}/case`,
    });
    expect(file.body.fields).toBe('["calledName"]');
    expect(file.body.statements).toHaveLength(3);
  });

  it('counts its own, and imports a table without sending anything', async () => {
    const figures = await sender.ask({ path: '/figures?language=fr' });
    expect(figures.type).toBe('text/csv');
    expect(figures.text).toMatch(/^mois,.*\r\n[0-9]{4}-[0-9]{2},envoyé,La Ruelle — maraude,/);
    const body = {
      to: server.network.clinique.service,
      format: 'csv',
      text: 'Nom;Motif\nSam;Une plaie\n;\n',
      mapping: { Nom: 'calledName', Motif: 'reason' },
    };
    const imported = await sender.ask({ method: 'POST', path: '/imports', body });
    expect(imported.body).toEqual({
      drafts: [{ row: 2, record: { calledName: 'Sam', reason: 'Une plaie' } }],
      problems: [],
    });
  });
});

/** Once sent, it is sent for everybody, and deleted by nobody. */
function answersWhen(asked: readonly object[], send: object): number[] {
  return asked.map((each) => (each === send ? 200 : 409)).sort();
}

function rewrite({ state }: TestAgent, draft: string, change: object): void {
  const path = join(state, 'drafts', `${draft}.json`);
  const kept = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(path, JSON.stringify({ ...kept, ...change }));
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
