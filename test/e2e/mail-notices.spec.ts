import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { acknowledge, act } from '../../src/client/index.js';
import { newId } from '../../src/protocol/encoding/bytes.js';
import { asOwner, shiftClock, until, untilEventsSettle } from '../support/machines/database.js';
import { givenReferral, post } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer, type ServerProcess } from '../support/machines/process.js';
import { TestSmtp } from '../support/machines/smtp.js';

jest.setTimeout(60_000);

describe('mail', () => {
  let server: FoundedServer;
  let replica: ServerProcess;
  let smtp: TestSmtp;
  let hours = 0;

  beforeAll(async () => {
    smtp = await TestSmtp.start();
    const settings = { RELAIS_SMTP_URL: smtp.url, RELAIS_MAIL_FROM: 'relais@example.org' };
    server = await givenNetwork(undefined, {}, settings);
    // behind the same name
    replica = await server.twin();
  });
  beforeEach(async () => {
    await asOwner(server.urls, 'DELETE FROM mail_notice');
    smtp.mails.length = 0;
    smtp.refuses = false;
  });
  afterAll(async () => {
    await replica.kill();
    await server.stop();
    smtp.close();
  });

  const clinique = () => server.network.clinique;

  async function register(language = 'fr', address = 'equipe@clinique.example'): Promise<object> {
    const body = { service: clinique().service, address, language };
    return post<object>(clinique().coordinator, '/v1/mail-notices', body);
  }

  async function later(by = 1): Promise<void> {
    await shiftClock(server.urls, `${(hours += by)} hours`);
  }

  async function isDue(): Promise<void> {
    await until(
      async () => (await asOwner(server.urls, 'SELECT FROM mail_notice WHERE due_at IS NOT NULL')).length > 0,
    );
  }

  it.each([
    ['fr', 'Il y a du nouveau dans Relais.'],
    ['nl', 'Er is iets nieuws in Relais.'],
    ['en', 'There is something new in Relais.'],
  ])(
    'says one sentence in the language that was chosen, and names nothing: %s',
    async (language, sentence) => {
      expect(await register(language)).toEqual({ service: clinique().service, sends: true });
      const { referral } = await givenReferral(server);
      await isDue();
      await later();
      const [mail] = await smtp.hasReceived(1);
      expect(mail).toMatchObject({ from: 'relais@example.org', to: 'equipe@clinique.example' });
      const [head = '', body] = mail?.text.split('\n\n') ?? [];
      expect(body?.trim()).toBe(`${sentence}\n${server.address}`);
      expect(head).toMatch(/^Subject: Relais$/m);
      for (const secret of [referral, clinique().service, clinique().founder.public.id, 'Clinique', 'Ruelle'])
        expect(mail?.text).not.toContain(secret);
      expect(smtp.said.find((line) => line.startsWith('EHLO'))).toBe('EHLO 127.0.0.1');
    },
  );

  it('comes once an hour, however much there is, from however many processes, and tells no moment', async () => {
    await register();
    for (let i = 0; i < 3; i++) await givenReferral(server);
    await isDue();
    await later();
    await smtp.hasReceived(1);
    await givenReferral(server);
    await isDue();
    const [row] = await asOwner<{ early: boolean }>(
      server.urls,
      `SELECT due_at < domain_now() + interval '55 minutes' AS early FROM mail_notice`,
    );
    expect(row).toEqual({ early: false });
    await later(2);
    await smtp.hasReceived(2);
    expect(smtp.mails).toHaveLength(2);
  });

  it('does not come for what the service did itself', async () => {
    const { referral } = await givenReferral(server);
    await untilEventsSettle(server.urls);
    await register();
    await acknowledge(clinique().worker, referral);
    await act(clinique().worker, referral, { event: 'accept' });
    await new Promise((done) => setTimeout(done, 500));
    expect(await asOwner(server.urls, 'SELECT FROM mail_notice WHERE due_at IS NOT NULL')).toEqual([]);
    await act(server.network.laRuelle.worker, referral, {
      event: 'recall',
      statusReason: 'need-met-elsewhere',
    });
    await isDue();
  });

  it('is tried again an hour after the mail server has refused it', async () => {
    await register();
    smtp.refuses = true;
    await givenReferral(server);
    await isDue();
    await later();
    await until(
      async () => (await asOwner(server.urls, 'SELECT FROM mail_notice WHERE attempts = 1')).length > 0,
    );
    await new Promise((done) => setTimeout(done, 500));
    expect(smtp.mails).toEqual([]);
    smtp.refuses = false;
    await later(2);
    await smtp.hasReceived(1);
  });

  it('goes to the mailbox that was named last, which a thief of the database does not learn', async () => {
    await register('fr', 'ancien@clinique.example');
    await register('nl', 'nieuw@clinique.example');
    const { coordinator, service } = clinique();
    const call = { method: 'GET', path: '/v1/mail-notices' } as const;
    expect(await coordinator.session.json(call)).toEqual({
      items: [{ service, address: 'nieuw@clinique.example', language: 'nl' }],
      sends: true,
    });
    const [row] = await asOwner<{ address: Buffer }>(server.urls, 'SELECT address FROM mail_notice');
    expect(row?.address.toString('latin1')).not.toContain('clinique');
    expect(await post(coordinator, '/v1/mail-notices/removals', { service })).toEqual({ service });
    expect(await asOwner(server.urls, 'SELECT FROM mail_notice')).toEqual([]);
  });

  it('is its organisation’s alone', async () => {
    await register();
    const { coordinator } = server.network.laRuelle;
    const body = { address: 'qui@example.org', language: 'fr' };
    for (const service of [clinique().service, newId()]) {
      const attempts = [
        () => post(coordinator, '/v1/mail-notices', { ...body, service }),
        () => post(coordinator, '/v1/mail-notices/removals', { service }),
      ];
      for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ code: 'not_found' });
    }
  });

  it.each([
    'a@b',
    'a b@example.org',
    'a@example.org\r\nBcc: b@example.org',
    'a@example.org,b@example.org',
    `${'a'.repeat(250)}@example.org`,
  ])('goes to no address such as %j', async (address) => {
    await expect(register('fr', address)).rejects.toMatchObject({ code: 'input_invalid' });
  });
});
